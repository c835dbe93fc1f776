/// What is known of a chunk beside its data.
struct ChunkHead: Sendable {
  /// Times of the first and the last sample, in milliseconds.
  var minTime: Int64
  var maxTime: Int64
  var encoding: ChunkEncoding
  /// CRC-32C of encoding and data.
  var checksum: UInt32
  var sampleCount: Int
  var payloadByteCount: Int
}
