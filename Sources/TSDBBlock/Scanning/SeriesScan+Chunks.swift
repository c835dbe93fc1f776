/// The chunks of a series: entry, record and checksum, then what they hold.
extension SeriesScan {
  mutating func checkChunks(_ entry: ScannedSeries, at offset: Int, _ chunks: [ChunkSpan]) {
    if chunks.isEmpty {
      log.report(
        .seriesWithoutChunks, ScanContext.indexPath, "series", at: offset,
        "has no chunks: \(describe(entry))")
    }
    var previous: ChunkSpan?
    found.removeAll(keepingCapacity: true)
    for chunk in chunks {
      checkTimes(chunk, previous, entry, at: offset)
      if let record = record(of: chunk, entry) { found.append((chunk, record)) }
      previous = chunk
    }
    var next = 0
    while next < found.count {
      let times = readTimes(next)
      checkContents(found[next], times.left, entry)
      if next + 1 < found.count { checkContents(found[next + 1], times.right, entry) }
      next += 2
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

  /// The record of a chunk, verified; nil when it is reported.
  private mutating func record(of chunk: ChunkSpan, _ entry: ScannedSeries) -> ChunkRecord? {
    let place = chunk.location
    guard place.segment < context.segments.count else {
      log.report(
        .chunkMissing, "chunks", "chunk", at: place.offset,
        "is in segment \(place.segment + 1) of \(context.segments.count)" + loss(chunk, entry))
      return nil
    }
    guard let file = context.segments[place.segment].file else {
      log.report(
        .chunkMissing, path(of: chunk), "chunk", at: place.offset, "no file" + loss(chunk, entry))
      return nil
    }
    do throws(BlockError) {
      let record = try ChunkRecord(in: file.bytes, at: place.offset)
      extents.append(place, end: record.payload.upperBound + 4)
      return record
    } catch {
      log.report(.chunkRecord, path(of: chunk), error, suffix: loss(chunk, entry))
      return nil
    }
  }

  private mutating func checkContents(
    _ found: FoundChunk, _ times: XORTimes.Bounds?, _ entry: ScannedSeries
  ) {
    let (chunk, record) = found
    guard let file = context.segments[chunk.location.segment].file else { return }
    let bytes = file.bytes
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
        if let times {
          checkBounds(times.lowerBound, times.upperBound, chunk, entry)
        } else {
          try decode(bytes, record.payload, encoding, chunk, entry)
        }
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

  mutating func reportEmpty(_ chunk: ChunkSpan, _ entry: ScannedSeries) {
    log.report(
      .chunkSamples, path(of: chunk), "chunk", at: chunk.location.offset,
      "holds no samples" + loss(chunk, entry))
  }

  // MARK: Words

  func path(of chunk: ChunkSpan) -> String {
    context.segments[chunk.location.segment].path
  }

  func loss(_ chunk: ChunkSpan, _ entry: ScannedSeries) -> String {
    "; lost: \(describe(entry)) from \(chunk.minTime) to \(chunk.maxTime)"
  }
}
