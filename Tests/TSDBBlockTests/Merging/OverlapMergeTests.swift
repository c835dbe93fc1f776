internal import TestSupport
internal import Testing

@testable internal import TSDBBlock

/// Merges of random chunks against the slow, obvious form of each.
@Suite struct OverlapMergeTests {
  @Test(arguments: 0..<60)
  func `a chain keeps each time once, in order`(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let streams = makeStreams(&random)
    var merge = OverlapMerge(.chain)
    let merged = try samples(of: try merge.merge(streams))
    var candidates: [Int64: Set<UInt64>] = [:]
    for stream in streams {
      for sample in try samples(of: stream) {
        candidates[sample.time, default: []].insert(sample.bits)
      }
    }
    #expect(merged.map(\.time) == candidates.keys.sorted())
    for sample in merged { #expect(candidates[sample.time]?.contains(sample.bits) == true) }
  }

  @Test(arguments: 0..<60)
  func `a penalty merge takes what two iterators with penalties take`(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(1000 + seed))
    let replicas = makeStreams(&random).prefix(3).compactMap(\.first)
    guard let base = replicas.first else { return }
    // One chunk per replica, all of one run.
    let end = replicas.map(\.maxTime).min() ?? 0
    guard replicas.allSatisfy({ $0.minTime <= end }) else { return }
    var times: [Int64] = []
    var bounds: [Range<Int>] = []
    var expected = try samples(of: [base])
    for (index, chunk) in replicas.enumerated() {
      let own = try samples(of: [chunk])
      bounds.append(times.count..<times.count + own.count)
      times += own.map(\.time)
      if index > 0 { expected = PairIterator.merge(expected, own) }
    }
    var merge = PenaltyMerge()
    var picks: [Int] = []
    merge.pick(times, bounds, into: &picks)
    #expect(picks.map { times[$0] } == expected.map(\.time))
  }

  @Test func `chunks that overlap none go through as they are`() throws {
    var random = SeededRandom(seed: 7)
    let chunks = (0..<4).map { makeChunk(from: Int64($0) * 100_000, count: 5, step: 1000, &random) }
    for policy in [OverlapPolicy.chain, .penalty] {
      var merge = OverlapMerge(policy)
      let merged = try merge.merge([[chunks[0], chunks[2]], [chunks[1], chunks[3]]])
      #expect(merged.map(\.minTime) == chunks.map(\.minTime))
      for (left, right) in zip(merged, chunks) {
        #expect(left.isDuplicate(of: right))
      }
    }
  }

  @Test func `a damaged chunk is named`() throws {
    var random = SeededRandom(seed: 8)
    let whole = makeChunk(from: 0, count: 50, step: 1000, &random)
    var cut = makeChunk(from: 500, count: 50, step: 1000, &random)
    cut.input = 1
    if case .bytes(let bytes) = cut.source { cut.source = .bytes(Array(bytes.prefix(20))) }
    var merge = OverlapMerge(.chain)
    let error = #expect(throws: ChunkMergeError.self) { try merge.merge([[whole], [cut]]) }
    #expect(error?.input == 1)
    #expect(error?.cause == .truncated)
  }

  // MARK: Parts

  private struct Sample: Equatable {
    var time: Int64
    var bits: UInt64
  }

  /// Thanos' pair of iterators, word for word as its rule is written down.
  private enum PairIterator {
    static func merge(_ a: [Sample], _ b: [Sample]) -> [Sample] {
      var output: [Sample] = []
      var (i, j) = (0, 0)
      var (penaltyA, penaltyB): (Int64, Int64) = (0, 0)
      while true {
        if let last = output.last?.time {
          while i < a.count, a[i].time < last + 1 + penaltyA { i += 1 }
          while j < b.count, b[j].time < last + 1 + penaltyB { j += 1 }
        }
        let last = output.last?.time
        switch (i < a.count, j < b.count) {
        case (false, false): return output
        case (false, true):
          penaltyB = 0
          output.append(b[j])
        case (true, false):
          penaltyA = 0
          output.append(a[i])
        case (true, true):
          if a[i].time <= b[j].time {
            penaltyB = last.map { 2 * (a[i].time - $0) } ?? 5000
            penaltyA = 0
            output.append(a[i])
          } else {
            penaltyA = last.map { 2 * (b[j].time - $0) } ?? 5000
            penaltyB = 0
            output.append(b[j])
          }
        }
      }
    }
  }

  private func samples(of chunks: [MergeChunk]) throws -> [Sample] {
    var columns = SampleColumns()
    for chunk in chunks { try chunk.append(to: &columns) }
    return zip(columns.timestamps, columns.values).map { Sample(time: $0, bits: $1) }
  }

  /// Up to four replicas with offsets, gaps, equal times and copied chunks.
  private func makeStreams(_ random: inout SeededRandom) -> [[MergeChunk]] {
    let step = [1000, 15_000, 60_000].randomElement(using: &random) ?? 1000
    var streams: [[MergeChunk]] = []
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      if let copied = streams.randomElement(using: &random),
        Int.random(in: 0..<5, using: &random) == 0
      {
        streams.append(copied)
        continue
      }
      var time = Int64.random(in: 0...2, using: &random) * Int64(step) / 2
      var chunks: [MergeChunk] = []
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        let count = Int.random(in: 1...130, using: &random)
        let chunk = makeChunk(from: time, count: count, step: Int64(step), &random)
        chunks.append(chunk)
        time = chunk.maxTime + Int64(step) * Int64.random(in: 1...8, using: &random)
      }
      streams.append(chunks)
    }
    return streams
  }

  private func makeChunk(
    from start: Int64, count: Int, step: Int64, _ random: inout SeededRandom
  ) -> MergeChunk {
    var encoder = XOREncoder()
    var time = start
    var end = start
    for _ in 0..<count {
      encoder.append(timestamp: time, valueBits: random.next() % 3)
      end = time
      time += Int.random(in: 0..<12, using: &random) == 0 ? 4 * step : step
    }
    return MergeChunk(
      input: 0, location: ChunkLocation(8), minTime: start, maxTime: end, encoding: .xor,
      payload: encoder.finish(), sampleCount: count)
  }
}
