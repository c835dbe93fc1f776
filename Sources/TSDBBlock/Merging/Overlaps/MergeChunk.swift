/// A chunk on its way into a merged block: still a record of an input, or encoded anew.
struct MergeChunk {
  enum Source {
    case record(ByteSlice, Range<Int>)
    case bytes([UInt8])
  }

  /// Position of the block it comes from among the inputs.
  var input: Int
  /// Where it lies in that block; of one encoded anew, its first source.
  var location: ChunkLocation
  /// Times of the first and the last sample, in milliseconds.
  var minTime: Int64
  var maxTime: Int64
  var encoding: ChunkEncoding
  /// CRC-32C of encoding and payload.
  var checksum: UInt32
  var sampleCount: Int
  var source: Source

  var byteCount: Int {
    switch source {
    case .record(_, let range): range.count
    case .bytes(let bytes): bytes.count
    }
  }

  /// A chunk of bytes that were just encoded.
  init(
    input: Int, location: ChunkLocation, minTime: Int64, maxTime: Int64, encoding: ChunkEncoding,
    payload: [UInt8], sampleCount: Int
  ) {
    let checksum = CRC32C(encoding: encoding.rawValue, payload: payload.rawSpan)
    self.init(
      input: input, location: location, minTime: minTime, maxTime: maxTime, encoding: encoding,
      checksum: checksum.value, sampleCount: sampleCount, source: .bytes(payload))
  }

  init(
    input: Int, location: ChunkLocation, minTime: Int64, maxTime: Int64, encoding: ChunkEncoding,
    checksum: UInt32, sampleCount: Int, source: Source
  ) {
    self.input = input
    self.location = location
    self.minTime = minTime
    self.maxTime = maxTime
    self.encoding = encoding
    self.checksum = checksum
    self.sampleCount = sampleCount
    self.source = source
  }

  func withPayload<Result, Failure>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch source {
    case .record(let file, let range): try body(file.bytes.extracting(range))
    case .bytes(let bytes): try body(bytes.rawSpan)
    }
  }

  func decode(into columns: inout ChunkColumns) throws(DecodeError) {
    try withPayloadInPlace { (bytes, range) throws(DecodeError) in
      try columns.decode(bytes, range, encoding: encoding)
    }
  }

  /// Appends the samples of a float chunk.
  func append(to columns: inout SampleColumns) throws(DecodeError) {
    try withPayloadInPlace { (bytes, range) throws(DecodeError) in
      if encoding == .xor {
        try XORDecoder.decode(bytes, range, into: &columns)
      } else {
        try XOR2Decoder.decode(bytes, range, into: &columns)
      }
    }
  }

  /// The payload within what surrounds it, which the decoders are faster with.
  private func withPayloadInPlace(
    _ body: (RawSpan, Range<Int>) throws(DecodeError) -> Void
  ) throws(DecodeError) {
    switch source {
    case .record(let file, let range): try body(file.bytes, range)
    case .bytes(let bytes): try body(bytes.rawSpan, 0..<bytes.count)
    }
  }

  /// Whether it holds the same bytes for the same times.
  func isDuplicate(of other: MergeChunk) -> Bool {
    guard
      minTime == other.minTime, maxTime == other.maxTime, byteCount == other.byteCount,
      encoding == other.encoding
    else { return false }
    return withPayload { left in
      other.withPayload { right in ByteOrder.compare(left, right) == 0 }
    }
  }
}
