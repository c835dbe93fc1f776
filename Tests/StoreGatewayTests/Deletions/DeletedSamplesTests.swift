import StoreAPI
import TSDBBlock
import TestSupport
import Testing

@testable import StoreGateway

/// Samples that tombstones delete are not answered; all others are, in encodings that clients know.
@Suite struct DeletedSamplesTests {
  private static let encodings: [ChunkEncoding] = [
    .xor, .xor2, .histogram, .floatHistogram, .histogramST, .floatHistogramST,
  ]

  /// A series of a block with its id, its chunks and what is deleted of it.
  private struct Stored {
    /// The value of its only label, `e`.
    var name: String
    var chunks: [StoredChunk]
    var deleted: [ClosedRange<Int64>] = []

    var labels: LabelSet { LabelSet(["e": name]) }

    /// The samples that are left of chunks that touch `times` with what is left of them.
    func chunks(in times: ClosedRange<Int64>) throws -> [[Sample]] {
      try chunks.map { chunk in
        try chunk.lines().filter { sample in !deleted.contains { $0.contains(sample.time) } }
      }.filter { left in
        guard let first = left.first, let last = left.last else { return false }
        return first.time <= times.upperBound && last.time >= times.lowerBound
      }
    }
  }

  private typealias Sample = (time: Int64, line: String)

  /// One series per encoding, with random chunks and random deletions: whole chunks, parts, times
  /// between samples, all there is.
  private static func random(_ random: inout SeededRandom) -> [Stored] {
    encodings.enumerated().map { number, encoding in
      var time: Int64 = 0
      var chunks: [StoredChunk] = []
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        chunks.append(.random(encoding, after: &time, using: &random))
      }
      var stored = Stored(name: "\(number)", chunks: chunks)
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let chunk = chunks[Int.random(in: chunks.indices, using: &random)]
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1: stored.deleted.append(chunk.times)
        case 2: stored.deleted.append(.min ... .max)
        case 3: stored.deleted.append(chunk.times.upperBound...Int64.max)
        case 4: stored.deleted.append(chunk.times.lowerBound + 1...chunk.times.lowerBound + 9)
        default:
          let start = Int64.random(in: 0...time, using: &random)
          stored.deleted.append(start...start + Int64.random(in: 0...100_000, using: &random))
        }
      }
      return stored
    }
  }

  private static func write(_ series: [Stored], to directory: String) throws {
    let writer = try BlockWriter(directory: directory)
    let ordinals = try writer.addSymbols(of: series.map(\.labels))
    var tombstones = Tombstones()
    for one in series {
      let payloads = one.chunks.map(\.payload)
      writer.beginSeries(payloadByteCounts: payloads.map(\.count))
      for (chunk, payload) in zip(one.chunks, payloads) {
        try writer.appendChunk(
          minTime: chunk.times.lowerBound, maxTime: chunk.times.upperBound,
          encoding: chunk.encoding.rawValue, payload: payload.rawSpan)
      }
      try writer.endSeries(labels: try #require(ordinals.references(to: one.labels)))
      for range in one.deleted { tombstones.delete(range, ofSeries: writer.lastSeriesID) }
    }
    let id = BlockID.make(now: 1)
    let end = series.flatMap(\.chunks).map(\.times.upperBound).max() ?? 0
    try writer.publish(
      BlockMeta(id: id, minTime: 0, maxTime: end + 1, stats: writer.stats), tombstones: tombstones)
  }

  /// Asks for chunks of the block in a directory.
  private static func ask(
    _ directory: String, times: ClosedRange<Int64> = .min ... .max, _ aggregates: [Thanos_Aggr] = []
  ) async throws -> AskedStore.SeriesAnswer {
    let block = try AskedStore.load(directory)
    let published = PublishedBlocks()
    published.publish(BlockSetSnapshot([block]))
    let store = GatewayStoreService(blocks: published, window: .everything, executor: nil)
    return try await AskedStore.ask([store]) { client in
      try await AskedStore(client: client, ids: [block.id]).series(["e!="], times: times) {
        $0.aggregates = aggregates
        $0.maxResolutionWindow = 3_600_000
      }
    }
  }

  @Test(arguments: UInt64(0)..<30)
  func `what is left of every encoding is answered, chunk by chunk`(seed: UInt64) async throws {
    var random = SeededRandom(seed: seed)
    let series = Self.random(&random)
    let start = Int64.random(in: 0...500_000, using: &random)
    let some = start...start + Int64.random(in: 0...500_000, using: &random)
    try await withTemporaryDirectory { directory in
      try Self.write(series, to: directory + "/b")
      for times in [.min ... .max, some] {
        let answer = try await Self.ask(directory + "/b", times: times)
        let expected = try series.map { (name: $0.name, chunks: try $0.chunks(in: times)) }
          .filter { !$0.chunks.isEmpty }
        #expect(answer.warnings == [])
        #expect(answer.labels == expected.map { "e=\($0.name)" })
        for (one, left) in zip(answer.series, expected) {
          let lines = try one.chunks.map { try $0.raw.lines().map(\.line) }
          #expect(lines == left.chunks.map { $0.map(\.line) }, "\(left.name) in \(times)")
          #expect(one.chunks.map(\.minTime) == left.chunks.map { $0[0].time })
          #expect(one.chunks.map(\.maxTime) == left.chunks.map { $0[$0.count - 1].time })
        }
      }
    }
  }

  // MARK: Downsampled blocks

  /// Writes a raw block downsampled to five minutes.
  private static func downsample(
    _ raw: String, to directory: String, deleting deleted: [ClosedRange<Int64>]
  ) throws {
    let input = try BlockReader(directory: raw)
    let writer = try BlockWriter(directory: directory)
    _ = try BlockDownsample(input: input, resolution: 300_000).run(into: writer)
    // There is one series.
    var tombstones = Tombstones()
    for range in deleted { tombstones.delete(range, ofSeries: writer.lastSeriesID) }
    var thanos = ThanosMeta()
    thanos.resolution = 300_000
    try writer.publish(
      BlockMeta(
        id: .make(now: 2), minTime: input.meta.minTime, maxTime: input.meta.maxTime,
        stats: writer.stats, thanos: thanos), tombstones: tombstones)
  }

  @Test(arguments: [ChunkEncoding.xor, .xor2, .histogram, .floatHistogram], UInt64(0)..<4)
  func `every aggregate of a downsampled block loses what is deleted`(
    encoding: ChunkEncoding, seed: UInt64
  ) async throws {
    var random = SeededRandom(seed: seed)
    var time: Int64 = 0
    let chunks = (0..<400).map { _ in
      StoredChunk.random(encoding, after: &time, using: &random)
    }
    let middle = Int64.random(in: 0...time, using: &random)
    let deleted = [
      middle...middle + Int64.random(in: 0...time / 4, using: &random),
      Int64.min...Int64.random(in: 0...time / 8, using: &random),
    ]
    // Minimum and maximum of histograms do not exist.
    let isFloat = encoding == .xor || encoding == .xor2
    let aggregates: [Thanos_Aggr] = [.count, .sum, .counter] + (isFloat ? [.min, .max] : [])
    try await withTemporaryDirectory { directory in
      try Self.write([Stored(name: "1", chunks: chunks)], to: directory + "/raw")
      try Self.downsample(directory + "/raw", to: directory + "/whole", deleting: [])
      try Self.downsample(directory + "/raw", to: directory + "/deleted", deleting: deleted)
      let whole = try #require(try await Self.ask(directory + "/whole", aggregates).series.first)
      let answer = try await Self.ask(directory + "/deleted", aggregates)
      #expect(answer.warnings == [])
      let left = try #require(answer.series.first)
      #expect(whole.chunks.count > 1)
      var removed = 0
      for part in Self.parts where isFloat || part.isOfHistograms {
        let all = try whole.chunks.map { try part.chunk($0).lines() }
        let expected = all.map { chunk in
          chunk.filter { sample in !deleted.contains { $0.contains(sample.time) } }.map(\.line)
        }.filter { !$0.isEmpty }
        #expect(try left.chunks.map { try part.chunk($0).lines().map(\.line) } == expected)
        removed += all.joined().count - expected.joined().count
      }
      #expect(removed > 0)
    }
  }

  private static let parts:
    [(isOfHistograms: Bool, chunk: @Sendable (Thanos_AggrChunk) -> Thanos_Chunk)] = [
      (true, { $0.count }), (true, { $0.sum }), (true, { $0.counter }), (false, { $0.min }),
      (false, { $0.max }),
    ]
}
