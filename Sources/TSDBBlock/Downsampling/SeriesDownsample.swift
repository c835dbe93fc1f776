/// Downsamples series of one block.
package struct SeriesDownsample: SeriesTransform {
  private let input: SeriesInput
  private var records: RecordCursor
  private var downsampler: SeriesDownsampler
  private var transcoder = ChunkTranscoder()

  /// - Parameter resolution: milliseconds, coarser than that of the input.
  init(_ input: SeriesInput, resolution: Int64) {
    self.input = input
    records = RecordCursor(input.chunks)
    downsampler = SeriesDownsampler(
      from: input.block.meta.thanos?.resolution ?? 0, to: resolution)
  }

  package mutating func transform(
    _ batch: RewriteBatch, into output: inout RewriteOutput
  ) throws(BlockMergeError) {
    output.removeAll()
    for series in batch.series {
      for part in batch.parts[series.parts] {
        try BlockMergeError.blaming(part.input) { () throws(BlockError) in
          for chunk in try downsample(part, batch) { output.series.append(chunk) }
        }
      }
      output.series.endSeries(series, of: batch)
    }
  }

  private mutating func downsample(
    _ part: RewriteBatch.Part, _ batch: RewriteBatch
  ) throws(BlockError) -> [DownsampledChunk] {
    let trim = ChunkTrim(
      range: Int64.min...Int64.max,
      deletions: input.block.tombstones.intervals(ofSeries: part.id))
    let index = input.block.index
    var end: Int64?
    for chunk in batch.chunks[part.chunks] {
      if let end, chunk.minTime <= end {
        throw BlockError(
          .overlap, path: index.path, section: "series", offset: index.seriesOffset(part.id),
          detail: "has a chunk from \(chunk.minTime) that overlaps the one before it")
      }
      end = chunk.maxTime
      try append(chunk, trim.decision(for: chunk))
    }
    do {
      return try downsampler.finish()
    } catch {
      throw BlockError.decoding(
        error, section: "series", offset: index.seriesOffset(part.id)
      ).inFile(index.path)
    }
  }

  private mutating func append(
    _ chunk: ChunkSpan, _ decision: ChunkTrim.Decision
  ) throws(BlockError) {
    if decision == .drop { return }
    let record = try records.record(at: chunk.location)
    let encoding = ChunkEncoding(rawValue: record.encoding)
    do throws(DecodeError) {
      guard case .cut(let deletions) = decision else {
        try downsampler.append(
          records.bytes, record.payload, encoding: encoding, minTime: chunk.minTime,
          maxTime: chunk.maxTime)
        return
      }
      guard
        let left = try transcoder.removing(
          deletions, from: records.bytes.extracting(record.payload), encoding: encoding)
      else { return }
      try downsampler.append(
        left.payload.rawSpan, 0..<left.payload.count, encoding: encoding,
        minTime: left.timestamps[0], maxTime: left.timestamps[left.timestamps.count - 1])
    } catch {
      throw BlockError.decoding(error, section: "chunk", offset: chunk.location.offset)
        .inFile(records.path)
    }
  }
}
