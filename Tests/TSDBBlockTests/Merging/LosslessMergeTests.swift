internal import TestSupport
internal import Testing

@testable internal import TSDBBlock

/// The lossless merge against what replicas must give, and against its slow, obvious form.
@Suite struct LosslessMergeTests {
  private typealias Sample = NaiveLosslessMerge.Sample

  // MARK: Situations in which the penalty merge loses samples

  @Test func `of two healthy replicas the first is followed alone`() throws {
    for (step, offset) in [(15_000, 2000), (15_000, 7000), (60_000, 3000), (1000, 500)] {
      let a = grid(0..<40, step: step)
      let merged = try merge([a, grid(0..<40, step: step, offset: offset)])
      #expect(merged == a)
    }
  }

  @Test func `a replica whose moment of scraping moves is followed on`() throws {
    for offset in [4000, -11_000] {
      let a = grid(0..<40, step: 15_000) + grid(40..<90, step: 15_000, offset: offset)
      #expect(try merge([a, grid(0..<90, step: 15_000, offset: 7000)]) == a)
    }
  }

  @Test func `a single missed scrape is filled`() throws {
    let a = grid(0..<20, step: 15_000, missing: [3])
    let merged = try merge([a, grid(0..<20, step: 15_000, offset: 2000, missing: [19])])
    #expect(merged.map(\.time) == times(0..<20, moved: [3], by: 2000))
  }

  @Test func `after a longer hole the same replica is followed again`() throws {
    let a = grid(0..<20, step: 15_000, missing: [3, 4])
    let merged = try merge([a, grid(0..<20, step: 15_000, offset: 2000, missing: [18, 19])])
    #expect(merged.map(\.time) == times(0..<20, moved: 3..<5, by: 2000))
  }

  @Test func `nothing is lost where a replica ends or begins`() throws {
    let a = grid(0..<30, step: 15_000)
    let later = try merge([a, grid(20..<40, step: 15_000, offset: 2000)])
    #expect(later.map(\.time) == times(0..<40, moved: 30..<40, by: 2000))
    let earlier = try merge([grid(0..<7, step: 15_000, offset: 2000), grid(6..<40, step: 15_000)])
    #expect(earlier.map(\.time) == times(0..<40, moved: 0..<6, by: 2000))
  }

  @Test func `samples of equal times are taken once`() throws {
    let a = grid(0..<300, step: 15_000, missing: [100, 101])
    let b = grid(0..<300, step: 15_000, missing: [200, 201, 202])
    #expect(try merge([a, b]).map(\.time) == grid(0..<300, step: 15_000).map(\.time))
  }

  @Test func `a short overlap of dense chunks loses none`() throws {
    let merged = try merge([grid(0..<90, step: 1), grid(60..<150, step: 1)])
    #expect(merged.map(\.time) == Array(0..<150 as Range<Int64>))
  }

  @Test func `a counter that is behind does not fall at a switch`() throws {
    let seconds: [(Int64, Double)] = [
      (0, 100), (15, 110), (30, 120), (90, 130), (105, 131), (120, 132), (135, 133),
    ]
    let others: [(Int64, Double)] = [
      (2, 95), (17, 105), (32, 115), (47, 118), (62, 119), (77, 125), (92, 126),
    ]
    let merged = try merge([samples(seconds), samples(others)])
    #expect(merged.map(\.time) == [0, 15, 30, 77, 90, 105, 120, 135].map { $0 * 1000 })
    // The other way round the other one is ahead where the hole ends.
    let ahead = others.map { ($0.0, $0.1 < 117 ? $0.1 : $0.1 + 10) }
    let back = try merge([samples(seconds), samples(ahead)])
    #expect(back.map(\.time) == [0, 15, 30, 47, 62, 90, 105, 120, 135].map { $0 * 1000 })
  }

  @Test func `a reset that a replica has itself stays`() throws {
    var (a, b): ([(Int64, Double)], [(Int64, Double)]) = ([], [])
    for step in 0..<40 where !(10..<15).contains(step) {
      a.append((Int64(step) * 15, step < 10 ? 100 + Double(step) : Double(step)))
    }
    for step in 0..<34 {
      b.append((Int64(step) * 15 + 5, step < 12 ? 100 + Double(step) : 5))
    }
    let merged = try merge([samples(a), samples(b)])
    #expect(merged.map(\.time) == times(0..<40, moved: 10..<15, by: 5000))
  }

  @Test func `values that rise and fall are not taken for a counter`() throws {
    var a = grid(0..<40, step: 15_000, missing: [10, 11, 12])
    for index in a.indices { a[index].bits = Double(index % 2 + 7).bitPattern }
    var b = grid(0..<35, step: 15_000, offset: 3000)
    for index in b.indices { b[index].bits = Double(3).bitPattern }
    let merged = try merge([a, b])
    #expect(merged.count == 40)
  }

  // MARK: Stale markers

  @Test func `a stale marker is dropped while another replica is alive`() throws {
    var a = grid(0..<40, step: 15_000)
    a[10].bits = SampleValue.staleMarker
    let b = grid(0..<39, step: 15_000, offset: 4000)
    let merged = try merge([a, b])
    #expect(!merged.contains { $0.isStale })
    #expect(merged.map(\.time) == times(0..<40, moved: [10], by: 4000))
  }

  @Test func `a stale marker that all agree on is kept, once`() throws {
    var a = grid(0..<40, step: 15_000)
    var b = grid(0..<40, step: 15_000, offset: 9000)
    a[39].bits = SampleValue.staleMarker
    b[39].bits = SampleValue.staleMarker
    #expect(try merge([a, b]) == a)
    // Both come back later.
    let returns = grid(100..<120, step: 15_000)
    #expect(try merge([a + returns, b]) == a + returns)
  }

  @Test func `a series that ends in one replica goes on in the other`() throws {
    var a = grid(0..<40, step: 15_000)
    a[39].bits = SampleValue.staleMarker
    let b = grid(20..<55, step: 15_000, offset: 9000)
    let merged = try merge([a, b])
    #expect(!merged.contains { $0.isStale })
    #expect(merged.last == b.last)
    #expect(zip(merged, merged.dropFirst()).allSatisfy { $1.time - $0.time <= 24_000 })
  }

  // MARK: Random replicas

  @Test(arguments: 0..<150)
  func `random replicas merge as their slow form does`(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let replicas = (0..<Int.random(in: 1...4, using: &random)).map { _ in wildReplica(&random) }
    // Those that do not overlap may be taken for one replica.
    let lanes = try ReplicaLanes.join(replicas.map { [chunk($0)] }).map { try samples(of: $0) }
    #expect(try merge(replicas) == NaiveLosslessMerge.merge(lanes))
  }

  @Test(arguments: 0..<100)
  func `regular replicas leave neither holes nor doubles`(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(5000 + seed))
    let step = [1000, 15_000, 60_000].randomElement(using: &random) ?? 1000
    let replicas = (0..<Int.random(in: 2...4, using: &random)).map { _ in
      regularReplica(step, &random)
    }
    let merged = try merge(replicas)
    let times = merged.map(\.time)
    #expect(Set(merged).isSubset(of: replicas.flatMap { $0 }))
    let most = replicas.map(\.count).max()
    let followed = try #require(replicas.first { $0.count == most })
    #expect(Set(followed).isSubset(of: merged))
    for (time, following) in zip(times, times.dropFirst()) {
      // A third replica may close a hole between samples of the other two, which keep no time.
      #expect(following - time >= Int64(step) / (replicas.count == 2 ? 2 : 4))
      guard 2 * (following - time) > 3 * Int64(step) else { continue }
      for replica in replicas {
        let edges = [Int64.min / 4] + replica.map(\.time) + [Int64.max / 4]
        let hasHole = zip(edges, edges.dropFirst()).contains { left, right in
          left < following && right > time && 2 * (right - left) > 3 * Int64(step)
        }
        #expect(hasHole, "\(time) to \(following)")
      }
    }
  }

  @Test(arguments: 0..<40)
  func `blocks of a replica are one lane`(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(9000 + seed))
    func missing() -> Set<Int> { Set((0..<7).map { _ in Int.random(in: 1..<450, using: &random) }) }
    let replicas = [
      grid(0..<500, step: 15_000, missing: missing()),
      grid(0..<480, step: 15_000, offset: 6000, missing: missing()),
    ]
    let expected = try merge(replicas)
    var inputs: [[Sample]] = []
    for replica in replicas {
      var blocks: [Int64: [Sample]] = [:]
      for sample in replica { blocks[sample.time / 1_800_000, default: []].append(sample) }
      inputs += blocks.keys.sorted().map { blocks[$0] ?? [] }
    }
    inputs.shuffle(using: &random)
    #expect(try merge(inputs) == expected)
  }

  // MARK: Chunks

  @Test func `chunks of which all stays keep their bytes`() throws {
    let a = grid(0..<600, step: 15_000, missing: [130, 131])
    let b = grid(0..<590, step: 15_000, offset: 2000)
    var merge = OverlapMerge(.lossless)
    let chunks = stride(from: 0, to: a.count, by: 120).map {
      chunk(Array(a[$0..<min($0 + 120, a.count)]))
    }
    let merged = try merge.merge([chunks, [chunk(b)]])
    #expect(merged.count == 6)
    #expect(merged[0].isDuplicate(of: chunks[0]))
    for (left, right) in zip(merged.suffix(3), chunks.suffix(3)) {
      #expect(left.isDuplicate(of: right))
    }
    #expect(merged[1].sampleCount == 61)
    #expect(try samples(of: merged).count == 600)
  }

  @Test func `chunks that overlap none go through as they are`() throws {
    let chunks = (0..<4).map { chunk(grid($0 * 100..<$0 * 100 + 50, step: 1000)) }
    var merge = OverlapMerge(.lossless)
    let merged = try merge.merge([[chunks[0], chunks[2]], [chunks[1], chunks[3]]])
    #expect(zip(merged, chunks).allSatisfy { $0.isDuplicate(of: $1) } && merged.count == 4)
  }

  @Test func `chunks of one input that overlap are put in order`() throws {
    let chunks = [
      chunk(grid(0..<50, step: 1000)), chunk(grid(40..<90, step: 1000)),
      chunk(grid(45..<130, step: 1000)),
    ]
    var merge = OverlapMerge(.lossless)
    let merged = try merge.merge([chunks])
    #expect(try samples(of: merged) == grid(0..<130, step: 1000))
  }

  @Test func `both kinds of a mixed series are kept`() throws {
    var merge = OverlapMerge(.lossless)
    let floats = [chunk(grid(1..<3, step: 15_000)), chunk(grid(1..<3, step: 15_000))]
    let merged = try merge.merge([
      [floats[0], histogramChunk(5..<8)], [floats[1], histogramChunk(5..<10)],
    ])
    #expect(merged.map(\.encoding) == [.xor, .histogram])
    #expect(merged.map(\.sampleCount) == [2, 5])
  }

  @Test func `a histogram chunk behind another replica's sample says nothing of resets`() throws {
    var merge = OverlapMerge(.lossless)
    let own = [histogramChunk(0..<50), histogramChunk(90..<150, header: .notReset)]
    let merged = try merge.merge([own, [histogramChunk(0..<99, offset: 2000)]])
    #expect(merged.map(\.sampleCount).reduce(0, +) == 150)
    #expect(merged.first?.isDuplicate(of: own[0]) == true)
    for chunk in merged {
      var columns = ChunkColumns()
      try chunk.decode(into: &columns)
      #expect(columns.histograms.resetHeader == .unknown)
    }
    // Behind its own replica's sample it stays as it is.
    let next = histogramChunk(50..<90, header: .notReset)
    let whole = try merge.merge([[own[0], next, own[1]], [histogramChunk(0..<99, offset: 2000)]])
    #expect(whole.map { $0.isDuplicate(of: own[1]) } == [false, false, true])
  }

  @Test func `a damaged chunk is named`() throws {
    let whole = chunk(grid(0..<50, step: 1000))
    var cut = chunk(grid(0..<50, step: 1000, offset: 500))
    cut.input = 1
    if case .bytes(let bytes) = cut.source { cut.source = .bytes(Array(bytes.prefix(20))) }
    var merge = OverlapMerge(.lossless)
    let error = #expect(throws: ChunkMergeError.self) { try merge.merge([[whole], [cut]]) }
    #expect(error?.input == 1)
    #expect(error?.cause == .truncated)
  }

  @Test func `extreme times do not trap`() throws {
    let ends = [Sample(time: .min, bits: 1), Sample(time: .max, bits: 2)]
    let middle = [Sample(time: .min + 1, bits: 3), Sample(time: 0, bits: 4)]
    for replicas in [[ends, middle], [middle, ends], [ends, ends, middle]] {
      var lossless = LosslessMerge()
      var picks: [Int] = []
      let all = replicas.flatMap { $0 }
      var bounds: [Range<Int>] = []
      for replica in replicas {
        let start = bounds.last?.upperBound ?? 0
        bounds.append(start..<start + replica.count)
      }
      lossless.pick(all.map(\.time), all.map(\.bits), bounds, into: &picks)
      let times = picks.map { all[$0].time }
      #expect(times == times.sorted())
      #expect(Set(times).count == times.count)
    }
  }

  // MARK: Parts

  private func merge(_ replicas: [[Sample]]) throws -> [Sample] {
    var merge = OverlapMerge(.lossless)
    let merged = try merge.merge(replicas.map { $0.isEmpty ? [] : [chunk($0)] })
    for (left, right) in zip(merged, merged.dropFirst()) { #expect(left.maxTime < right.minTime) }
    return try samples(of: merged)
  }

  private func chunk(_ samples: [Sample]) -> MergeChunk {
    var encoder = XOREncoder()
    for sample in samples { encoder.append(timestamp: sample.time, valueBits: sample.bits) }
    return MergeChunk(
      input: 0, location: ChunkLocation(8), minTime: samples.first?.time ?? 0,
      maxTime: samples.last?.time ?? 0, encoding: .xor, payload: encoder.finish(),
      sampleCount: samples.count)
  }

  private func histogramChunk(
    _ steps: Range<Int>, offset: Int64 = 0, header: HistogramColumns.ResetHeader = .unknown
  ) -> MergeChunk {
    var columns = HistogramColumns()
    columns.resetHeader = header
    for step in steps {
      columns.timestamps.append(Int64(step) * 15_000 + offset)
      columns.counts.append(UInt64(step))
      columns.zeroCounts.append(UInt64(step))
      columns.sums.append(Double(step).bitPattern)
    }
    var payload: [UInt8] = []
    var encoder = ChunkEncoder()
    encoder.encode(columns, 0..<columns.count, encoding: .histogram, appendingTo: &payload)
    return MergeChunk(
      input: 0, location: ChunkLocation(8), minTime: columns.timestamps[0],
      maxTime: columns.timestamps[columns.count - 1], encoding: .histogram, payload: payload,
      sampleCount: columns.count)
  }

  private func samples(of chunks: [MergeChunk]) throws -> [Sample] {
    var columns = SampleColumns()
    for chunk in chunks { try chunk.append(to: &columns) }
    return zip(columns.timestamps, columns.values).map { Sample(time: $0, bits: $1) }
  }

  private func samples(_ seconds: [(Int64, Double)]) -> [Sample] {
    seconds.map { Sample(time: $0.0 * 1000, bits: $0.1.bitPattern) }
  }

  /// The moments of scrapes each fifteen seconds, some of them another replica's.
  private func times(
    _ range: Range<Int>, moved: some Collection<Int>, by offset: Int
  ) -> [Int64] {
    range.map { Int64($0 * 15_000 + (moved.contains($0) ? offset : 0)) }
  }

  /// A counter that every replica sees alike.
  private func grid(
    _ range: Range<Int>, step: Int, offset: Int = 0, missing: Set<Int> = []
  ) -> [Sample] {
    range.filter { !missing.contains($0) }.map { index in
      let time = Int64(index * step + offset)
      return Sample(time: time, bits: Double(time).bitPattern)
    }
  }

  /// Scrapes at one moment of each step; up to a fifth of them and some stretches are missing.
  private func regularReplica(_ step: Int, _ random: inout SeededRandom) -> [Sample] {
    let count = Int.random(in: 100...400, using: &random)
    let rate = Int.random(in: 5...50, using: &random)
    var missing: Set<Int> = []
    for index in 0..<count where Int.random(in: 0..<rate, using: &random) == 0 {
      missing.insert(index)
    }
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      let start = Int.random(in: 0..<count, using: &random)
      missing.formUnion(start..<start + Int.random(in: 1...60, using: &random))
    }
    return grid(
      0..<count, step: step, offset: Int.random(in: 0..<step, using: &random), missing: missing)
  }

  /// Anything: moved offsets, changed intervals, jitter, bursts, stale markers, counters that lag.
  private func wildReplica(_ random: inout SeededRandom) -> [Sample] {
    var time = Int64.random(in: 0..<40_000, using: &random)
    var step = [1000, 15_000, 15_000, 60_000].randomElement(using: &random) ?? 1000 as Int64
    let isCounter = Bool.random(using: &random)
    let lag = Double.random(in: 0...40_000, using: &random)
    var samples: [Sample] = []
    for _ in 0..<Int.random(in: 1...200, using: &random) {
      let value = isCounter ? max(0, Double(time) - lag) : Double(random.next() % 5)
      let isStale = Int.random(in: 0..<15, using: &random) == 0
      samples.append(Sample(time: time, bits: isStale ? SampleValue.staleMarker : value.bitPattern))
      switch Int.random(in: 0..<30, using: &random) {
      case 0:
        step = [1000, 5000, 15_000, 60_000].randomElement(using: &random) ?? 1000
        time += step
      case 1: time += Int64.random(in: 1...step, using: &random)
      case 2...4: time += step * Int64.random(in: 2...5, using: &random)
      case 5: time += step * 40
      case 6...9: time += step + Int64.random(in: 0...step / 3, using: &random)
      default: time += step
      }
    }
    return samples
  }
}
