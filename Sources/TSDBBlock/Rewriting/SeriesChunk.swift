/// A chunk of the series under way into a new block, where it lies: a record of an input, or data
/// encoded anew.
struct SeriesChunk: Sendable {
  enum Source {
    /// A record of an input: its data in that segment.
    case record
    /// Among what was encoded for the series.
    case bytes
  }

  /// Position of the block it comes from among the inputs, and where in it; of one encoded anew,
  /// those of its first source.
  var input: Int
  var location: ChunkLocation
  var head: ChunkHead
  var source: Source
  /// Where the data begins.
  var start: Int

  /// Where the data lies.
  var range: Range<Int> { start..<start + head.payloadByteCount }
}
