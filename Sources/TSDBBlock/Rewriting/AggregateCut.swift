/// Takes windows out of downsampled chunks.
///
///     count  ─┐
///     sum     │   each aggregate loses the samples of the same windows
///     min     ├─►
///     max     │
///     counter ─┘  and the last one left stands twice, as downsampled counters have it
///
/// What the counter was at the end of the last window left, when it was reset within the chunk, is
/// not known any more.
struct AggregateCut {
  private var columns = ChunkColumns()
  private var encoder = ChunkEncoder()

  /// The chunk without the windows that end within closed ranges of time; nil when none is left.
  ///
  /// - Throws: ``BlockError`` when the chunk is damaged.
  mutating func recut(
    _ payload: RawSpan, deleting deletions: [ClosedRange<Int64>]
  ) throws(BlockError) -> ChunkTrim.Recut? {
    do {
      return try cut(payload, deletions)
    } catch {
      throw .decoding(error, section: "chunk", offset: 0)
    }
  }

  private mutating func cut(
    _ payload: RawSpan, _ deletions: [ClosedRange<Int64>]
  ) throws(DecodeError) -> ChunkTrim.Recut? {
    let aggregates = try AggregateChunk(payload)
    var builder = AggregateChunkBuilder()
    var times: ClosedRange<Int64>?
    var count = 0
    for kind in AggregateChunk.Kind.allCases {
      guard let part = aggregates[kind] else { continue }
      try columns.decode(payload, part.range, encoding: part.encoding)
      columns.remove(deletions)
      guard let first = columns.timestamps.first, let last = columns.timestamps.last else {
        continue
      }
      times = min(first, times?.lowerBound ?? first)...max(last, times?.upperBound ?? last)
      if kind == .count { count = columns.count }
      if kind == .counter, columns.kind == .floats { repeatLast() }
      if columns.kind != .floats, columns.histograms.resetHeader != .gauge {
        columns.histograms.resetHeader = .unknown
      }
      var bytes: [UInt8] = []
      encoder.encode(columns, 0..<columns.count, encoding: part.encoding, appendingTo: &bytes)
      builder[kind] = (part.encoding, bytes)
    }
    guard let times else { return nil }
    return ChunkTrim.Recut(
      minTime: times.lowerBound, maxTime: times.upperBound, payload: builder.encoded(),
      sampleCount: count)
  }

  private mutating func repeatLast() {
    let last = columns.floats.count - 1
    let (time, bits) = (columns.floats.timestamps[last], columns.floats.values[last])
    if last > 0, columns.floats.timestamps[last - 1] == time { return }
    columns.floats.append(timestamp: time, valueBits: bits)
  }
}
