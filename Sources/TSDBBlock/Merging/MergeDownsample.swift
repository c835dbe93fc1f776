/// Downsamples series as they come out of a merge, so that their chunks are found, checked and decoded
/// once and the merged block is not read again.
///
///     merged chunks ─┬─► merged block
///                    └─► ``SeriesDownsampler`` ─► block aside
///
/// The result is what ``BlockDownsample`` makes of the merged block.
struct MergeDownsample: Sendable {
  private var downsampler: SeriesDownsampler
  /// After it there is nothing left to do.
  private var failure: BlockError?

  /// - Parameters:
  ///   - inputResolution: of the blocks that are merged, in milliseconds.
  ///   - resolution: coarser than that.
  init(from inputResolution: Int64, to resolution: Int64) {
    downsampler = SeriesDownsampler(from: inputResolution, to: resolution)
  }

  /// Adds what becomes of a merged series to `output`, or why it cannot be told.
  ///
  /// - Parameters:
  ///   - chunks: of the series, in order of time.
  ///   - bytes: of the chunks that were encoded anew.
  ///   - records: of the inputs.
  mutating func downsample(
    _ chunks: [SeriesChunk], _ bytes: [UInt8], _ records: inout [RecordCursor],
    into output: inout RewriteOutput
  ) {
    if failure == nil {
      do {
        for index in chunks.indices { try append(chunks[index], bytes, &records) }
        for chunk in try finish() { output.aside.append(chunk) }
      } catch {
        failure = error
      }
    }
    output.asideFailure = failure
  }

  private mutating func append(
    _ chunk: SeriesChunk, _ bytes: [UInt8], _ records: inout [RecordCursor]
  ) throws(BlockError) {
    switch chunk.source {
    case .bytes:
      do {
        try downsampler.append(bytes.rawSpan, chunk)
      } catch {
        throw BlockError.decoding(error, section: "chunk", offset: chunk.location.offset)
      }
    case .record: try records[chunk.input].downsample(chunk, with: &downsampler)
    }
  }

  private mutating func finish() throws(BlockError) -> [DownsampledChunk] {
    do {
      return try downsampler.finish()
    } catch {
      throw BlockError.decoding(error, section: "series", offset: 0)
    }
  }
}

extension RecordCursor {
  /// In place: a cursor taken out of an array is counted.
  fileprivate mutating func downsample(
    _ chunk: SeriesChunk, with downsampler: inout SeriesDownsampler
  ) throws(BlockError) {
    try move(to: chunk.location)
    do {
      try downsampler.append(bytes, chunk)
    } catch {
      throw BlockError.decoding(error, section: "chunk", offset: chunk.location.offset)
        .inFile(path)
    }
  }
}

extension SeriesDownsampler {
  fileprivate mutating func append(
    _ bytes: RawSpan, _ chunk: SeriesChunk
  ) throws(DecodeError) {
    try append(
      bytes, chunk.range, encoding: chunk.head.encoding, minTime: chunk.head.minTime,
      maxTime: chunk.head.maxTime)
  }
}
