/// Merges the chunks that several blocks hold of one series.
///
///     A  ├────┤  ├────┤ ├────┤            a chunk that overlaps none goes through as it is
///     B     ├────┤                        a run of overlapping ones is decoded, merged and
///     C                   ├────┤          encoded anew; all but the first new chunk go back,
///                                         since later chunks may overlap them
///
/// Chunks overlap when one begins where another ends. One that equals the last distinct one byte
/// for byte is left out. Source: `compactChunkIterator` of Prometheus, `dedupChunksIterator` of
/// Thanos. The lossless policy looks at the whole series instead, see ``LosslessChunks``.
struct OverlapMerge {
  private let policy: OverlapPolicy
  private var chain = ChainMerge()
  private var penalty = PenaltyMerge()
  private var aggregates = AggregateMerge()
  private var lossless = LosslessChunks()
  private var cutter = SampleCutter()
  private var samples = OverlapSamples()
  private var picks: [Int] = []

  init(_ policy: OverlapPolicy) { self.policy = policy }

  /// The chunks of the merged series, in order of time.
  ///
  /// - Parameter streams: the chunks of each input, in order of time.
  /// - Throws: ``ChunkMergeError`` that names a chunk which cannot be decoded.
  mutating func merge(_ streams: [[MergeChunk]]) throws(ChunkMergeError) -> [MergeChunk] {
    if policy == .lossless,
      !streams.contains(where: { $0.contains { $0.encoding == .aggregate } })
    {
      return try lossless.merge(streams)
    }
    var streams = streams
    var positions = [Int](repeating: 0, count: streams.count)
    var heap = HeadHeap()
    // The times of the heads apart: a chunk is references that would be counted at each look.
    var heads = streams.map { ($0.first?.minTime ?? 0, $0.first?.maxTime ?? 0) }
    func precedes(_ left: Int, _ right: Int) -> Bool { heads[left] < heads[right] }
    func advance(_ stream: Int) {
      positions[stream] += 1
      let position = positions[stream]
      guard position < streams[stream].count else { return }
      heads[stream] = (streams[stream][position].minTime, streams[stream][position].maxTime)
      heap.push(stream, precedes)
    }
    for stream in streams.indices where !streams[stream].isEmpty { heap.push(stream, precedes) }
    var output: [MergeChunk] = []
    while let first = heap.pop(precedes) {
      // The first chunk and those that overlap it.
      var run = [streams[first][positions[first]]]
      advance(first)
      var end = run[0].maxTime
      while let top = heap.top, heads[top].0 <= end {
        run.append(streams[top][positions[top]])
        if run[run.count - 1].isDuplicate(of: run[run.count - 2]) {
          run.removeLast()
        } else {
          end = max(end, run[run.count - 1].maxTime)
        }
        _ = heap.pop(precedes)
        advance(top)
      }
      let merged = run.count == 1 ? nil : try merge(run)
      guard let merged, let head = merged.first else {
        output.append(run[0])
        continue
      }
      output.append(head)
      guard merged.count > 1 else { continue }
      streams.append(merged)
      positions.append(0)
      heads.append((0, 0))
      advance(streams.count - 1)
    }
    return output
  }

  /// The chunks of a run of overlapping ones; nil when the others have nothing to add to the first.
  private mutating func merge(
    _ run: [MergeChunk]
  ) throws(ChunkMergeError) -> [MergeChunk]? {
    switch policy {
    case .refuse: return nil
    case .chain:
      // The first chunk comes last, as in the reference.
      let chunks = run[1...] + run[..<1]
      try samples.decode(chunks)
      chain.pick(samples.timestamps, samples.bounds, into: &picks)
      return cutter.cut(picks, of: samples, origin: run[1])
    case .penalty, .lossless:
      let kind = run[0].encoding.withoutStartTimestamps
      let isMixed = run.contains { $0.encoding.withoutStartTimestamps != kind }
      let same = isMixed ? run.filter { $0.encoding.withoutStartTimestamps == kind } : run
      if kind == .aggregate { return try aggregates.merge(same[0], Array(same[1...])) }
      try samples.decode(same)
      penalty.pick(samples.timestamps, samples.bounds, into: &picks)
      return cutter.cut(picks, of: samples, origin: run[0])
    }
  }
}
