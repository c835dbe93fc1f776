import StoreAPI
import TestSupport

@testable import StoreGateway
@testable import TSDBBlock

/// A block as lists of chunks: the slow, obvious form of one that is asked with times and that has
/// deletions.
struct NaiveBlock: Sendable {
  private static let samplesPerChunk = 7

  let meta: BlockMeta
  let externals: LabelSet
  /// By labels inside the block. Chunks that were deleted are not there, their series are.
  private(set) var series: [LabelSet: [[ModelStore.Sample]]] = [:]

  /// Writes a random block below `directory`; about one in two has tombstones.
  init(
    number: Int, externals: LabelSet, seriesCount: Int, in directory: String,
    using random: inout SeededRandom
  ) throws {
    let id = BlockID.make(now: Int64(number + 1))
    let model = BlockModel.random(
      start: Int64(number) * 600, seriesCount: seriesCount, using: &random)
    var thanos = ThanosMeta()
    thanos.labels = externals.pairs.map { .init(name: $0.name, value: $0.value) }
    let times = model.values.flatMap(\.keys)
    let reader = try model.write(
      to: "\(directory)/\(id)", (times.min() ?? 0)..<(times.max() ?? 0) + 1, id: id,
      thanos: thanos, samplesPerChunk: Self.samplesPerChunk)
    meta = reader.meta
    self.externals = externals
    let deletes = Bool.random(using: &random)
    var tombstones = Tombstones()
    let ids = try reader.index.select([]).ids
    for (id, entry) in zip(ids, model.sorted { $0.key < $1.key }) {
      let samples = entry.value.sorted { $0.key < $1.key }
        .map { ModelStore.Sample(time: $0.key, value: $0.value) }
      for start in stride(from: 0, to: samples.count, by: Self.samplesPerChunk) {
        let chunk = samples[start..<min(start + Self.samplesPerChunk, samples.count)]
        if deletes, Int.random(in: 0..<5, using: &random) == 0 {
          tombstones.delete(chunk[start].time...chunk[chunk.endIndex - 1].time, ofSeries: id)
        } else {
          series[entry.key, default: []].append(Array(chunk))
        }
      }
      series[entry.key] = series[entry.key] ?? []
    }
    if deletes {
      try writeFile(tombstones.encoded(), to: "\(directory)/\(id)/\(Tombstones.fileName)")
    }
  }

  /// Final labels, and chunks with a time in `times`, of the series that match and have some.
  fileprivate func matching(
    _ matchers: [LabelMatcher], _ times: ClosedRange<Int64>
  ) -> [(labels: LabelSet, chunks: [[ModelStore.Sample]])] {
    series.compactMap { inner, chunks in
      let merged = LabelSet(inner.pairs + externals.pairs)
      guard matchers.allSatisfy({ $0.matches(merged.value(of: $0.name) ?? []) }) else { return nil }
      let wanted = chunks.filter { chunk in
        guard let first = chunk.first, let last = chunk.last else { return false }
        return last.time >= times.lowerBound && first.time <= times.upperBound
      }
      return wanted.isEmpty ? nil : (merged, wanted)
    }
  }

  /// Labels that a label call finds. Without a matcher on labels inside the block it is about the
  /// whole block.
  fileprivate func labels(
    _ matchers: [LabelMatcher], _ times: ClosedRange<Int64>
  ) -> [LabelSet] {
    guard meta.minTime <= times.upperBound, times.lowerBound < meta.maxTime else { return [] }
    guard matchers.allSatisfy({ externals.value(of: $0.name) != nil }) else {
      return matching(matchers, times).map(\.labels)
    }
    guard matchers.allSatisfy({ $0.matches(externals.value(of: $0.name) ?? []) }) else { return [] }
    return series.keys.map { LabelSet($0.pairs + externals.pairs) }
  }
}

extension [NaiveBlock] {
  /// A few random blocks below `directory`, some of them with the same external labels.
  static func random(
    in directory: String, using random: inout SeededRandom
  ) throws -> [NaiveBlock] {
    let externals: [LabelSet] = [
      LabelSet(["replica": "a", "zone": "eu"]), LabelSet(["replica": "b", "zone": "eu"]),
      // Collides with labels inside.
      LabelSet(["l0": "outside", "replica": "a"]), LabelSet(),
    ]
    var blocks: [NaiveBlock] = []
    for number in 0..<Int.random(in: 2...4, using: &random) {
      blocks.append(
        try NaiveBlock(
          number: number, externals: externals[Int.random(in: 0..<4, using: &random)],
          seriesCount: Int.random(in: 5...90, using: &random), in: directory, using: &random))
    }
    return blocks
  }

  /// The right answer, without looking at anything but the models.
  func answer(to question: Question) -> Answer {
    let removed = Set(question.without.map { [UInt8]($0.utf8) })
    var answer = Answer()
    switch question.call {
    case .series(let skipsChunks, _):
      for block in self {
        for (labels, chunks) in block.matching(question.matchers, question.times) {
          let shown = LabelSet(labels.pairs.filter { !removed.contains($0.name) })
          answer.series[shown, default: []].formUnion(
            skipsChunks ? [] : [ModelStore.Sample](chunks.joined()))
        }
      }
    case .labelNames:
      for block in self {
        for labels in block.labels(question.matchers, question.times) {
          for label in labels.pairs where !removed.contains(label.name) {
            answer.strings.insert(String(decoding: label.name, as: UTF8.self))
          }
        }
      }
    case .labelValues(let name):
      guard !question.without.contains(name) else { break }
      for block in self {
        for labels in block.labels(question.matchers, question.times) {
          guard let value = labels.value(of: name) else { continue }
          answer.strings.insert(String(decoding: value, as: UTF8.self))
        }
      }
    }
    return answer
  }
}
