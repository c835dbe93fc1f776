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

  /// Removes the chunks behind position `start` that lie outside the time range or were deleted as
  /// a whole.
  ///
  /// - Parameter deleted: Sorted, disjoint, not touching.
  /// - Returns: Whether any are left.
  func trim(
    _ chunks: inout [ChunkSpan], from start: Int, deleted: [ClosedRange<Int64>] = []
  ) -> Bool {
    var kept = start
    for index in start..<chunks.count where wants(chunks[index]) {
      let chunk = chunks[index]
      if !deleted.isEmpty,
        deleted.contains(where: { $0.contains(chunk.minTime) && $0.contains(chunk.maxTime) })
      {
        continue
      }
      chunks[kept] = chunk
      kept &+= 1
    }
    chunks.removeLast(chunks.count &- kept)
    return kept > start
  }
}
