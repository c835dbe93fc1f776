/// Joins the blocks of a replica to one lane of chunks.
///
///     inputs  A1 ├──┤     B1 ├──┤     A2    ├──┤    B2    ├──┤
///     lanes   A1 ├──┤ A2 ├──┤         a block continues the lane whose last sample is most
///             B1  ├──┤ B2 ├──┤        nearly a whole number of intervals before its first one
///
/// Blocks do not say which replica they come from once the replica label is gone; the moments of
/// its scrapes do.
enum ReplicaLanes {
  /// The chunks of each lane in order of time, as far as those of each input are.
  ///
  /// - Complexity: O(inputs²).
  static func join(_ streams: [[MergeChunk]]) -> [[MergeChunk]] {
    let order = streams.indices.filter { !streams[$0].isEmpty }.sorted {
      (streams[$0][0].minTime, $0) < (streams[$1][0].minTime, $1)
    }
    var lanes: [[MergeChunk]] = []
    var ends: [Int64] = []
    for stream in order.map({ streams[$0] }) {
      let first = stream[0]
      var best: (lane: Int, error: UInt64)?
      for lane in lanes.indices where ends[lane] < first.minTime {
        guard let last = lanes[lane].last else { continue }
        let distance = UInt64(bitPattern: first.minTime &- ends[lane])
        let interval = meanInterval(of: last) ?? meanInterval(of: first) ?? 0
        let rest = interval > 0 ? distance % interval : distance
        let error = interval > rest ? min(rest, interval - rest) : rest
        if best.map({ error < $0.error }) ?? true { best = (lane, error) }
      }
      let end = stream.reduce(first.maxTime) { max($0, $1.maxTime) }
      if let best {
        lanes[best.lane] += stream
        ends[best.lane] = end
      } else {
        lanes.append(stream)
        ends.append(end)
      }
    }
    return lanes
  }

  private static func meanInterval(of chunk: MergeChunk) -> UInt64? {
    guard chunk.sampleCount > 1, chunk.maxTime > chunk.minTime else { return nil }
    return UInt64(bitPattern: chunk.maxTime &- chunk.minTime) / UInt64(chunk.sampleCount - 1)
  }
}
