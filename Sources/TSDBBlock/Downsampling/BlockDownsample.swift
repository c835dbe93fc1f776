/// Downsamples a block.
///
///     symbols  all of the input, in its order
///     series   one after the other: its chunks, verified ──► ``SeriesDownsampler`` ──► writer
///
/// Memory is the postings under construction and one series. Deleted samples are left out, which
/// the reference does not do.
public struct BlockDownsample {
  public let input: BlockReader
  /// Milliseconds.
  public let resolution: Int64

  /// What a run wrote.
  public struct Summary: Sendable {
    /// A check of the output must find the same.
    public internal(set) var fingerprint = BlockFingerprint()
    public internal(set) var series: UInt64 = 0
  }

  /// How far a run has come.
  public struct Progress: Sendable {
    public var readSeries: Int
    public var totalSeries: Int
    /// Windows of all series, each with up to five values.
    public var writtenSamples: UInt64
  }

  private static let seriesPerReport = 1024

  /// - Parameter resolution: 300,000 or 3,600,000 as Thanos does, or another one that is coarser
  ///   than the input's.
  public init(input: BlockReader, resolution: Int64) {
    self.input = input
    self.resolution = resolution
  }

  private var inputResolution: Int64 { input.meta.thanos?.resolution ?? 0 }

  /// Writes symbols and series of the result; the caller publishes the writer.
  ///
  /// A series that has nothing but stale markers is left out.
  ///
  /// - Parameter report: called every thousand series; false stops the run.
  /// - Returns: nil when the run was stopped.
  /// - Throws: ``BlockMergeError``: the input is damaged, its chunks overlap, or the output cannot
  ///   be written.
  public func run(
    into writer: BlockWriter, report: (Progress) -> Bool = { _ in true }
  ) throws(BlockMergeError) -> Summary? {
    guard resolution > inputResolution else {
      throw BlockMergeError(
        input: 0,
        cause: BlockError(
          .invalidInput, path: input.directory,
          detail: "has a resolution of \(inputResolution) ms, which cannot become "
            + "\(resolution) ms"))
    }
    let union = try SymbolUnion(of: [input.index]) { (symbol) throws(BlockError) in
      try writer.addSymbol(symbol)
    }
    var cursor = try BlockMergeError.blaming(0) { () throws(BlockError) in
      try SeriesCursor(input, map: union.maps[0])
    }
    var downsampler = SeriesDownsampler(from: inputResolution, to: resolution)
    var transcoder = ChunkTranscoder()
    var summary = Summary()
    var read = 0
    while try BlockMergeError.blaming(0, { () throws(BlockError) in try cursor.advance() }) {
      let chunks = try BlockMergeError.blaming(0) { () throws(BlockError) in
        try downsample(cursor, &downsampler, &transcoder)
      }
      try BlockMergeError.blaming(nil) { () throws(BlockError) in
        try write(chunks, of: cursor, to: writer, &summary)
      }
      read += 1
      let progress = Progress(
        readSeries: read, totalSeries: cursor.seriesCount, writtenSamples: writer.stats.samples)
      if read % Self.seriesPerReport == 0, !report(progress) { return nil }
    }
    _ = report(
      Progress(
        readSeries: read, totalSeries: cursor.seriesCount, writtenSamples: writer.stats.samples))
    return summary
  }

  private func downsample(
    _ cursor: SeriesCursor, _ downsampler: inout SeriesDownsampler,
    _ transcoder: inout ChunkTranscoder
  ) throws(BlockError) -> [DownsampledChunk] {
    let trim = ChunkTrim(
      range: Int64.min...Int64.max, deletions: input.tombstones.intervals(ofSeries: cursor.id))
    var end: Int64?
    for chunk in cursor.chunks {
      if let end, chunk.minTime <= end {
        throw BlockError(
          .overlap, path: input.index.path, section: "series",
          offset: input.index.seriesOffset(cursor.id),
          detail: "has a chunk from \(chunk.minTime) that overlaps the one before it")
      }
      end = chunk.maxTime
      let decision = trim.decision(for: chunk)
      if decision == .drop { continue }
      let segment = try cursor.chunkReader.segment(of: chunk.location)
      let record = try segment.record(at: chunk.location.offset)
      let encoding = ChunkEncoding(rawValue: record.encoding)
      let file = segment.file
      do throws(DecodeError) {
        guard case .cut(let deletions) = decision else {
          try downsampler.append(
            file.bytes, record.payload, encoding: encoding, minTime: chunk.minTime,
            maxTime: chunk.maxTime)
          continue
        }
        guard
          let left = try transcoder.removing(
            deletions, from: file.bytes.extracting(record.payload), encoding: encoding)
        else { continue }
        try downsampler.append(
          left.payload.rawSpan, 0..<left.payload.count, encoding: encoding,
          minTime: left.timestamps[0],
          maxTime: left.timestamps[left.timestamps.count - 1])
      } catch {
        throw BlockError.decoding(error, section: "chunk", offset: chunk.location.offset)
          .inFile(segment.path)
      }
    }
    do {
      return try downsampler.finish()
    } catch {
      throw BlockError.decoding(
        error, section: "series", offset: input.index.seriesOffset(cursor.id)
      ).inFile(input.index.path)
    }
  }

  private func write(
    _ chunks: [DownsampledChunk], of cursor: SeriesCursor, to writer: BlockWriter,
    _ summary: inout Summary
  ) throws(BlockError) {
    guard !chunks.isEmpty else { return }
    let encoding = ChunkEncoding.aggregate.rawValue
    writer.beginSeries(payloadByteCounts: chunks.map(\.payload.count))
    for chunk in chunks {
      var checksum = CRC32C([encoding].rawSpan)
      checksum.update(chunk.payload)
      try writer.appendChunk(
        minTime: chunk.minTime, maxTime: chunk.maxTime, encoding: encoding,
        payload: chunk.payload.rawSpan, checksum: checksum.value)
      summary.fingerprint.add(
        labels: cursor.hash, minTime: chunk.minTime, maxTime: chunk.maxTime,
        checksum: checksum.value, samples: chunk.sampleCount)
    }
    try writer.endSeries(labels: cursor.labels)
    summary.series += 1
  }
}
