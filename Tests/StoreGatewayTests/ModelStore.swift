import StoreAPI
import TSDBBlock
import TestSupport

@testable import StoreGateway

/// Blocks made from models, with external labels, and what a store has to answer from them.
struct ModelStore {
  /// Blocks may disagree about a time; queriers get both values.
  struct Sample: Hashable, Sendable {
    var time: Int64
    var value: UInt64
  }

  typealias Answer = [LabelSet: Set<Sample>]

  /// Samples in a chunk, of which a time range gets all or none.
  static let samplesPerChunk = 7

  /// What a block is made of.
  struct Content: Sendable {
    var externals: LabelSet
    var model: BlockModel
  }

  var blocks: [Content] = []

  /// Writes the blocks below `directory` and loads them.
  func load(in directory: String) throws -> BlockSetSnapshot {
    var loaded: [LoadedBlock] = []
    for (number, block) in blocks.enumerated() {
      let id = BlockID.make(now: Int64(number + 1))
      var thanos = ThanosMeta()
      thanos.labels = block.externals.pairs.map { .init(name: $0.name, value: $0.value) }
      let times = block.model.values.flatMap(\.keys)
      let path = "\(directory)/\(id)"
      let reader = try block.model.write(
        to: path, (times.min() ?? 0)..<(times.max() ?? 0) + 1, id: id, thanos: thanos,
        samplesPerChunk: Self.samplesPerChunk)
      loaded.append(try LoadedBlock(reader.meta, directory: path))
    }
    return BlockSetSnapshot(loaded)
  }

  /// The obvious answer: every series of every block with its final labels, tested one by one.
  ///
  /// - Parameter times: Chunks that touch them are answered whole.
  func answer(
    matching matchers: [LabelMatcher], without removed: [String],
    times: ClosedRange<Int64> = .min ... .max
  ) -> Answer {
    var result: Answer = [:]
    let removed = Set(removed.map { Array($0.utf8) })
    for block in blocks {
      for (inner, all) in block.model {
        let samples = Self.chunks(of: all).filter { chunk in
          chunk[chunk.startIndex].key <= times.upperBound
            && chunk[chunk.endIndex - 1].key >= times.lowerBound
        }.joined()
        if samples.isEmpty { continue }
        // The later of two labels with one name stays.
        let merged = LabelSet(inner.pairs + block.externals.pairs)
        guard matchers.allSatisfy({ $0.matches(merged.value(of: $0.name) ?? []) }) else { continue }
        let shown = LabelSet(merged.pairs.filter { !removed.contains($0.name) })
        result[shown, default: []].formUnion(samples.map { Sample(time: $0.key, value: $0.value) })
      }
    }
    return result
  }

  private static func chunks(
    of samples: [Int64: UInt64]
  ) -> [ArraySlice<(key: Int64, value: UInt64)>] {
    let sorted = samples.sorted { $0.key < $1.key }
    return stride(from: 0, to: sorted.count, by: samplesPerChunk).map {
      sorted[$0..<min($0 + samplesPerChunk, sorted.count)]
    }
  }

  /// Series as clients get them; also says whether they came in strict order.
  static func decode(_ series: [Thanos_Series]) throws -> (model: Answer, isOrdered: Bool) {
    var model: Answer = [:]
    var order: [LabelSet] = []
    for one in series {
      let labels = LabelSet(
        one.labels.map { (name: Array($0.name.utf8), value: Array($0.value.utf8)) })
      order.append(labels)
      var columns = SampleColumns()
      for chunk in one.chunks {
        try XORDecoder.decode([UInt8](chunk.raw.data).rawSpan, into: &columns)
      }
      model[labels] = Set(
        zip(columns.timestamps, columns.values).map { Sample(time: $0, value: $1) })
    }
    return (model, zip(order, order.dropFirst()).allSatisfy { $0 < $1 })
  }

  /// What the gateway answers, decoded; also says whether the series came in strict order.
  static func ask(
    _ request: Thanos_SeriesRequest, _ snapshot: BlockSetSnapshot
  ) async throws -> (model: Answer, isOrdered: Bool, warnings: [String]) {
    let plan = try SeriesPlan(request, window: .min ... .max)
    var query = try await SeriesQuery(plan, in: snapshot)
    var model: Answer = [:]
    var order: [LabelSet] = []
    var warnings: [String] = []
    while let batch = try await query.nextBatch(of: 3) {
      warnings += query.takeWarnings()
      for index in 0..<batch.count {
        let labels = labels(of: index, in: batch)
        order.append(labels)
        model[labels] = try samples(of: index, in: batch)
      }
    }
    warnings += query.takeWarnings()
    return (model, zip(order, order.dropFirst()).allSatisfy { $0 < $1 }, warnings)
  }

  static func labels(of index: Int, in batch: SeriesBatch) -> LabelSet {
    let bytes = Array(batch.labels[batch.labelRange(at: index)])
    var reader = WireLabels.Reader(bytes.rawSpan)
    var labels = LabelSet()
    while let label = reader.next() {
      labels.append(
        name: bytes.rawSpan.extracting(label.name), value: bytes.rawSpan.extracting(label.value))
    }
    return labels
  }

  static func samples(of index: Int, in batch: SeriesBatch) throws -> Set<Sample> {
    var columns = SampleColumns()
    for chunk in batch.chunkRange(at: index) {
      for position in batch.payloadRange(at: chunk) {
        let payload = batch.payloads[position]
        let owner = batch.owners[Int(payload.owner)]
        let range = payload.offset..<payload.offset + payload.byteCount
        try XORDecoder.decode(owner.bytes.extracting(range), into: &columns)
      }
    }
    return Set(zip(columns.timestamps, columns.values).map { Sample(time: $0, value: $1) })
  }
}
