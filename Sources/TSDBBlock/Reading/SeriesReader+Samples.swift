extension SeriesReader {
  /// Replaces `columns` by the wanted samples of a chunk of floats or histograms.
  ///
  /// - Parameters:
  ///   - chunk: one of ``chunks``.
  ///   - columns: what they held is gone.
  /// - Throws: ``BlockError`` that names segment and offset: the chunk is damaged, or holds what
  ///   this library cannot decode. Aggregates are `unsupportedEncoding` too, see
  ///   ``read(_:of:into:)``. Of a chunk whose checksum is right, the samples before the damage are
  ///   kept.
  /// - Complexity: some nanoseconds a sample; nothing is allocated once the columns have grown.
  public func read(
    _ chunk: ChunkSpan, into columns: inout ChunkColumns
  ) throws(BlockError) {
    columns.removeAll()
    let (segment, record) = try find(chunk)
    let encoding = ChunkEncoding(rawValue: record.encoding)
    guard encoding.isKnown, encoding != .aggregate else {
      throw unsupported(
        encoding, chunk, segment,
        encoding == .aggregate ? "whose aggregates are read one by one" : "which is not known")
    }
    try decode(chunk, segment, record.payload, encoding, into: &columns)
  }

  /// Replaces `columns` by the wanted samples of one aggregate of a downsampled chunk.
  ///
  /// The time of a sample is the last one of the window that it stands for.
  ///
  /// - Parameters:
  ///   - aggregate: which one.
  ///   - chunk: one of ``chunks``, of the encoding ``ChunkEncoding/aggregate``.
  ///   - columns: what they held is gone.
  /// - Returns: false when the chunk lacks this aggregate.
  /// - Throws: ``BlockError`` as ``read(_:into:)`` does; `unsupportedEncoding` for other chunks.
  public func read(
    _ aggregate: AggregateChunk.Kind, of chunk: ChunkSpan, into columns: inout ChunkColumns
  ) throws(BlockError) -> Bool {
    columns.removeAll()
    let (segment, record) = try find(chunk)
    let encoding = ChunkEncoding(rawValue: record.encoding)
    guard encoding == .aggregate else {
      throw unsupported(encoding, chunk, segment, "which holds no aggregates")
    }
    let file = segment.file
    let part: AggregateChunk.Part?
    do throws(DecodeError) {
      part = try AggregateChunk(file.bytes.extracting(record.payload))[aggregate]
    } catch {
      throw damaged(error, chunk, segment)
    }
    guard let part else { return false }
    let start = record.payload.lowerBound
    try decode(
      chunk, segment, start + part.range.lowerBound..<start + part.range.upperBound,
      part.encoding, into: &columns)
    return true
  }

  /// Appends the wanted samples of all chunks of a series of floats.
  ///
  /// - Throws: ``BlockError`` as ``read(_:into:)`` does; `unsupportedEncoding` when the series has
  ///   histograms or aggregates. The samples before that are kept.
  /// - Complexity: some nanoseconds a sample; nothing is allocated once the columns have grown.
  public func appendSamples(to columns: inout SampleColumns) throws(BlockError) {
    for chunk in chunks { try appendSamples(of: chunk, to: &columns) }
  }

  /// Appends the wanted samples of a chunk of floats.
  ///
  /// - Parameters:
  ///   - chunk: one of ``chunks``.
  ///   - columns: get the samples behind those they hold.
  /// - Throws: ``BlockError`` as ``appendSamples(to:)`` does.
  public func appendSamples(
    of chunk: ChunkSpan, to columns: inout SampleColumns
  ) throws(BlockError) {
    let (segment, record) = try find(chunk)
    let encoding = ChunkEncoding(rawValue: record.encoding)
    guard encoding.withoutStartTimestamps == .xor else {
      throw unsupported(encoding, chunk, segment, "which holds no plain float samples")
    }
    let first = columns.count
    defer { keepWanted(of: &columns, from: first) }
    let file = segment.file
    do throws(DecodeError) {
      if encoding == .xor {
        try XORDecoder.decode(file.bytes, record.payload, into: &columns)
      } else {
        try XOR2Decoder.decode(file.bytes, record.payload, into: &columns)
      }
    } catch {
      throw damaged(error, chunk, segment)
    }
  }

  /// How a chunk is written.
  ///
  /// - Parameter chunk: one of ``chunks``.
  /// - Throws: ``BlockError`` when the chunk is damaged.
  /// - Complexity: O(bytes of the chunk): its checksum is verified.
  public func encoding(of chunk: ChunkSpan) throws(BlockError) -> ChunkEncoding {
    ChunkEncoding(rawValue: try find(chunk).record.encoding)
  }

  // MARK: Parts

  private func find(
    _ chunk: ChunkSpan
  ) throws(BlockError) -> (segment: SegmentReader, record: ChunkRecord) {
    let segment = try block.chunks.segment(of: chunk.location)
    return (segment, try segment.record(at: chunk.location.offset))
  }

  private func decode(
    _ chunk: ChunkSpan, _ segment: SegmentReader, _ payload: Range<Int>,
    _ encoding: ChunkEncoding, into columns: inout ChunkColumns
  ) throws(BlockError) {
    defer { keepWanted(of: &columns) }
    let file = segment.file
    do throws(DecodeError) {
      try columns.decode(file.bytes, payload, encoding: encoding)
    } catch {
      throw damaged(error, chunk, segment)
    }
  }

  private func keepWanted(of columns: inout ChunkColumns) {
    guard !filter.passesEverything else { return }
    var filter = filter
    if !filter.wantsAll(of: columns.timestamps, from: 0) { columns.keep { filter.wants($0) } }
  }

  private func keepWanted(of columns: inout SampleColumns, from first: Int) {
    guard !filter.passesEverything else { return }
    var filter = filter
    if !filter.wantsAll(of: columns.timestamps, from: first) {
      columns.keep(from: first) { filter.wants($0) }
    }
  }

  private func damaged(
    _ error: DecodeError, _ chunk: ChunkSpan, _ segment: SegmentReader
  ) -> BlockError {
    BlockError.decoding(error, section: "chunk", offset: chunk.location.offset)
      .inFile(segment.path)
  }

  private func unsupported(
    _ encoding: ChunkEncoding, _ chunk: ChunkSpan, _ segment: SegmentReader, _ reason: String
  ) -> BlockError {
    BlockError(
      .unsupportedEncoding, path: segment.path, section: "chunk", offset: chunk.location.offset,
      detail: "has the encoding \(encoding.name), \(reason)")
  }
}
