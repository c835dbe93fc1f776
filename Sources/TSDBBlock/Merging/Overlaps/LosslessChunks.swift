/// Makes the chunks of a lossless merge of all that the replicas have of a series.
///
///     picks   ●●●●●●●●│●●○○●●│●●●●●●●●     a chunk whose samples all stay, and nothing between
///     output  as bytes│encoded│as bytes    them, goes through as it is
///
/// What is encoded anew is cut evenly, and few samples take the next chunk along: a hole filled at
/// a chunk's border would else leave a chunk of its own.
struct LosslessChunks {
  /// So few samples make no chunk where there is another one to put them in.
  private static let fewSamples = 30

  private var merge = LosslessMerge()
  private var samples = OverlapSamples()
  private var cutter = SampleCutter()
  private var picks: [Int] = []

  /// The chunks of the merged series, in order of time.
  ///
  /// - Parameter streams: the chunks of each input; none holds aggregates.
  /// - Throws: ``ChunkMergeError`` that names a chunk which cannot be decoded.
  mutating func merge(_ streams: [[MergeChunk]]) throws(ChunkMergeError) -> [MergeChunk] {
    let lanes = ReplicaLanes.join(streams)
    let chunks = lanes.flatMap { $0 }
    try samples.decode(chunks)
    var ranges: [Range<Int>] = []
    var chunk = 0
    for lane in lanes {
      let first = samples.bounds[chunk].lowerBound
      chunk += lane.count
      ranges.append(first..<samples.bounds[chunk - 1].upperBound)
    }
    let levels = samples.isFloats ? samples.floats.values : samples.chunks.flatMap(\.levels)
    merge.pick(samples.timestamps, levels, ranges, into: &picks)
    return assemble(chunks)
  }

  private mutating func assemble(_ chunks: [MergeChunk]) -> [MergeChunk] {
    var output: [MergeChunk] = []
    var pending = 0
    var position = 0
    while position < picks.count {
      let chunk = samples.chunkIndex(of: picks[position])
      let bounds = samples.bounds[chunk]
      guard isWhole(bounds, at: position) else {
        // Not one by one: the rest of the chunk up to where another one has its say.
        position += 1
        while position < picks.count, bounds.contains(picks[position]) { position += 1 }
        continue
      }
      let few = position - pending
      if few > 0 && few < Self.fewSamples || !canPass(chunks[chunk], bounds, at: position) {
        position += bounds.count
        continue
      }
      flush(pending..<position, chunks, &output)
      output.append(chunks[chunk])
      position += bounds.count
      pending = position
    }
    flush(pending..<picks.count, chunks, &output)
    return output
  }

  private func isWhole(_ bounds: Range<Int>, at position: Int) -> Bool {
    guard position + bounds.count <= picks.count else { return false }
    let column = picks.span
    for offset in 0..<bounds.count
    where column[position &+ offset] != bounds.lowerBound &+ offset { return false }
    return true
  }

  private func canPass(_ chunk: MergeChunk, _ bounds: Range<Int>, at position: Int) -> Bool {
    guard
      chunk.minTime == samples.timestamps[bounds.lowerBound],
      chunk.maxTime == samples.timestamps[bounds.upperBound - 1]
    else { return false }
    // The head of a histogram chunk tells what its first sample is to the one in front of it.
    return samples.isFloats || position == 0 || picks[position - 1] == bounds.lowerBound - 1
  }

  private mutating func flush(
    _ range: Range<Int>, _ chunks: [MergeChunk], _ output: inout [MergeChunk]
  ) {
    let largest = HistogramAppender.samplesPerChunk
    let count = (range.count + largest - 1) / largest
    for part in 0..<count {
      let start = range.lowerBound + range.count * part / count
      let end = range.lowerBound + range.count * (part + 1) / count
      output += cutter.cut(
        Array(picks[start..<end]), of: samples, origin: chunks[samples.chunkIndex(of: picks[start])]
      )
    }
  }
}

extension ChunkColumns {
  /// Values of floats and counts of histograms, see ``ReplicaSamples``.
  fileprivate var levels: [UInt64] {
    guard kind != .floats else { return floats.values }
    return histograms.timestamps.indices.map { index in
      if histograms.isStale(at: index) { return SampleValue.staleMarker }
      let count = histograms.counts[index]
      return histograms.isFloat ? count : Double(count).bitPattern
    }
  }
}
