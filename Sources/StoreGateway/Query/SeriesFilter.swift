internal import TSDBBlock

/// Which series a query takes, beyond its matchers.
struct SeriesFilter: Sendable {
  /// Both inclusive, in milliseconds.
  var minTime: Int64
  var maxTime: Int64
  var shard: ShardSelector?

  func wants(_ chunk: ChunkSpan) -> Bool {
    chunk.maxTime >= minTime && chunk.minTime <= maxTime
  }

  /// Removes the chunks behind position `start` that lie outside the time range.
  ///
  /// - Returns: Whether any are left.
  func trim(_ chunks: inout [ChunkSpan], from start: Int) -> Bool {
    var kept = start
    for index in start..<chunks.count where wants(chunks[index]) {
      chunks[kept] = chunks[index]
      kept &+= 1
    }
    chunks.removeSubrange(kept...)
    return kept > start
  }
}
