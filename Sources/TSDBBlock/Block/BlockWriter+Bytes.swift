extension BlockWriter {
  /// Writes the next chunk of the series from an array; see the form for a span.
  public func appendChunk(
    minTime: Int64, maxTime: Int64, encoding: ChunkEncoding, payload: [UInt8]
  ) throws(BlockError) {
    try appendChunk(
      minTime: minTime, maxTime: maxTime, encoding: encoding.rawValue, payload: payload.rawSpan)
  }
}
