/// The chunks of a series: record, checksum, and contents against the index.
extension SeriesScan {
  mutating func checkChunks(_ entry: ScannedSeries, at offset: Int, _ chunks: [ChunkSpan]) {
    if chunks.isEmpty {
      log.report(
        .seriesWithoutChunks, ScanContext.indexPath, "series", at: offset,
        "has no chunks: \(describe(entry))")
    }
    var previous: ChunkSpan?
    for chunk in chunks {
      checkTimes(chunk, previous, entry, at: offset)
      checkChunk(chunk, entry)
      previous = chunk
    }
  }

  private mutating func checkTimes(
    _ chunk: ChunkSpan, _ previous: ChunkSpan?, _ entry: ScannedSeries, at offset: Int
  ) {
    contents.chunks += 1
    contents.minTime = min(contents.minTime ?? chunk.minTime, chunk.minTime)
    contents.maxTime = max(contents.maxTime ?? chunk.maxTime, chunk.maxTime)
    if chunk.minTime > chunk.maxTime {
      log.report(
        .chunksOrder, ScanContext.indexPath, "series", at: offset,
        "has a chunk that ends before it begins: \(describe(entry))")
    }
    if let previous, chunk.minTime <= previous.maxTime {
      log.report(
        .chunksOrder, ScanContext.indexPath, "series", at: offset,
        "has chunks that overlap or are out of order at \(chunk.minTime): \(describe(entry))")
    }
    guard let stated = context.stated else { return }
    if chunk.minTime < stated.minTime || chunk.minTime >= stated.maxTime
      || chunk.maxTime > stated.maxTime
    {
      log.report(
        .chunkRange, ScanContext.indexPath, "series", at: offset,
        "has a chunk from \(chunk.minTime) to \(chunk.maxTime), outside the block's "
          + "\(stated.minTime) to \(stated.maxTime): \(describe(entry))")
    }
  }

  // MARK: Records

  private mutating func checkChunk(_ chunk: ChunkSpan, _ entry: ScannedSeries) {
    let place = chunk.location
    guard place.segment < context.segments.count else {
      log.report(
        .chunkMissing, "chunks", "chunk", at: place.offset,
        "is in segment \(place.segment + 1) of \(context.segments.count)" + loss(chunk, entry))
      return
    }
    guard let file = context.segments[place.segment].file else {
      log.report(
        .chunkMissing, path(of: chunk), "chunk", at: place.offset, "no file" + loss(chunk, entry))
      return
    }
    let record: ChunkRecord
    do throws(BlockError) {
      record = try ChunkRecord(in: file.bytes, at: place.offset)
    } catch {
      log.report(.chunkRecord, path(of: chunk), error, suffix: loss(chunk, entry))
      return
    }
    extents.append(place, end: record.payload.upperBound + 4)
    checkContents(file.bytes, record, chunk, entry)
  }

  private mutating func checkContents(
    _ bytes: RawSpan, _ record: ChunkRecord, _ chunk: ChunkSpan, _ entry: ScannedSeries
  ) {
    let encoding = ChunkEncoding(rawValue: record.encoding)
    guard encoding.isKnown else {
      log.report(
        .chunkEncoding, path(of: chunk), "chunk", at: chunk.location.offset,
        "has the unknown encoding \(record.encoding)" + loss(chunk, entry))
      return
    }
    if let stated = context.stated, (stated.resolution > 0) != (encoding == .aggregate) {
      log.report(
        .chunkEncoding, path(of: chunk), "chunk", at: chunk.location.offset,
        "is encoded as \(encoding) in a block with a resolution of "
          + "\(stated.resolution) ms")
    }
    do throws(DecodeError) {
      let count = try encoding.sampleCount(of: bytes.extracting(record.payload))
      contents.add(
        .init(encoding: encoding, chunks: 1, samples: count, bytes: record.payload.count))
      contents.samples += count
      if context.depth == .samples {
        try decode(bytes, record.payload, encoding, chunk, entry)
      } else if count == 0, encoding != .aggregate {
        reportEmpty(chunk, entry)
      }
    } catch {
      log.report(
        .chunkSamples, path(of: chunk),
        .decoding(error, section: "chunk", offset: chunk.location.offset),
        suffix: loss(chunk, entry))
    }
  }

  // MARK: Samples

  private mutating func decode(
    _ bytes: RawSpan, _ payload: Range<Int>, _ encoding: ChunkEncoding, _ chunk: ChunkSpan,
    _ entry: ScannedSeries
  ) throws(DecodeError) {
    columns.removeAll()
    switch encoding {
    case .xor:
      try XORDecoder.decode(bytes, payload, into: &columns)
      checkTimes(columns.timestamps, chunk, entry)
    case .xor2:
      try XOR2Decoder.decode(bytes, payload, into: &columns)
      checkTimes(columns.timestamps, chunk, entry)
    case .aggregate:
      try checkAggregates(bytes.extracting(payload), chunk, entry)
    default:
      try HistogramDecoder.decode(bytes, payload, encoding: encoding, into: &histograms)
      checkTimes(histograms.timestamps, chunk, entry)
    }
  }

  /// Compares the times of a chunk's samples with each other and with the index.
  private mutating func checkTimes(
    _ times: [Int64], _ chunk: ChunkSpan, _ entry: ScannedSeries
  ) {
    guard let first = times.first, let last = times.last else { return reportEmpty(chunk, entry) }
    if first != chunk.minTime || last != chunk.maxTime {
      log.report(
        .chunkTimes, path(of: chunk), "chunk", at: chunk.location.offset,
        "holds samples from \(first) to \(last), the index says \(chunk.minTime) to "
          + "\(chunk.maxTime): \(describe(entry))")
    }
    if !times.span.isIncreasing {
      log.report(
        .chunkSamples, path(of: chunk), "chunk", at: chunk.location.offset,
        "holds samples that are not in the order of time: \(describe(entry))")
    }
  }

  private mutating func checkAggregates(
    _ payload: RawSpan, _ chunk: ChunkSpan, _ entry: ScannedSeries
  ) throws(DecodeError) {
    let parts = try AggregateChunk(payload)
    if parts[.count] == nil || parts[.counter] == nil {
      log.report(
        .aggregateIncomplete, path(of: chunk), "chunk", at: chunk.location.offset,
        "lacks the aggregate \(parts[.count] == nil ? "count" : "counter"), "
          + "Thanos refuses it: \(describe(entry))")
    }
    for kind in AggregateChunk.Kind.allCases {
      guard let part = parts[kind], part.encoding == .xor else { continue }
      columns.removeAll()
      try XORDecoder.decode(payload, part.range, into: &columns)
      guard let first = columns.timestamps.first, let last = columns.timestamps.last else {
        continue
      }
      // The counter aggregate begins with the first raw sample, which the index leaves out.
      if (first < chunk.minTime && kind != .counter) || last > chunk.maxTime {
        log.report(
          .chunkTimes, path(of: chunk), "chunk", at: chunk.location.offset,
          "holds \(kind) samples from \(first) to \(last), the index says \(chunk.minTime) to "
            + "\(chunk.maxTime): \(describe(entry))")
      }
    }
  }

  private mutating func reportEmpty(_ chunk: ChunkSpan, _ entry: ScannedSeries) {
    log.report(
      .chunkSamples, path(of: chunk), "chunk", at: chunk.location.offset,
      "holds no samples" + loss(chunk, entry))
  }

  // MARK: Words

  private func path(of chunk: ChunkSpan) -> String {
    context.segments[chunk.location.segment].path
  }

  private func loss(_ chunk: ChunkSpan, _ entry: ScannedSeries) -> String {
    "; lost: \(describe(entry)) from \(chunk.minTime) to \(chunk.maxTime)"
  }
}
