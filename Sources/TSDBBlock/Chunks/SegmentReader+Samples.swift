extension SegmentReader {
  /// The data of a chunk, which may be kept.
  public func payload(of record: ChunkRecord) -> ByteSlice? {
    file.slice(record.payload)
  }

  /// Decodes a float chunk and appends its samples.
  ///
  /// - Throws: ``BlockError`` when the encoding is not a float one this version decodes, or the
  ///   data is malformed.
  /// - Complexity: a few nanoseconds a sample; nothing is allocated once the columns have grown.
  public func appendSamples(
    of record: ChunkRecord, to columns: inout SampleColumns
  ) throws(BlockError) {
    let encoding = ChunkEncoding(rawValue: record.encoding)
    let offset = record.payload.lowerBound
    guard encoding == .xor || encoding == .xor2 else {
      throw BlockError(
        .unsupportedEncoding, path: path, section: "chunk", offset: offset,
        detail: "has the encoding \(encoding.name), which holds no plain float samples")
    }
    let file = file
    do throws(DecodeError) {
      if encoding == .xor {
        try XORDecoder.decode(file.bytes, record.payload, into: &columns)
      } else {
        try XOR2Decoder.decode(file.bytes, record.payload, into: &columns)
      }
    } catch {
      throw BlockError.decoding(error, section: "chunk", offset: offset).inFile(path)
    }
  }
}

extension ChunkReader {
  /// Verifies and decodes the float chunk at `location` and appends its samples.
  public func appendSamples(
    at location: ChunkLocation, to columns: inout SampleColumns
  ) throws(BlockError) {
    let segment = try segment(of: location)
    try segment.appendSamples(of: try segment.record(at: location.offset), to: &columns)
  }
}
