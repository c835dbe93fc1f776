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
  /// Times of the first and the last sample, in milliseconds.
  var minTime: Int64
  var maxTime: Int64
  var encoding: ChunkEncoding
  /// CRC-32C of encoding and data.
  var checksum: UInt32
  var sampleCount: Int
  var source: Source
  /// Where the data lies.
  var range: Range<Int>
}
