/// A chunk of a downsampled series, ready to be written with the encoding
/// ``ChunkEncoding/aggregate``.
public struct DownsampledChunk: Equatable, Sendable {
  /// Times of the first and the last window: their last milliseconds.
  public var minTime: Int64
  /// The last one.
  public var maxTime: Int64
  /// Windows in the chunk.
  public var sampleCount: Int
  /// The data of the chunk.
  public var payload: [UInt8]
}
