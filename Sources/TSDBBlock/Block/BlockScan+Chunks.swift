/// The chunks of a series: record, checksum, contents against the index, and who else claims it.
extension BlockScanner {
  mutating func openSegments() {
    let names: [String]
    do throws(BlockError) {
      guard FileSystem.exists(directory + "/chunks") else {
        scan.report(.fileMissing, "chunks", "the directory is missing and with it every sample")
        return
      }
      names = try ChunkReader.segmentNames(in: directory + "/chunks")
    } catch {
      scan.report(.fileUnreadable, "chunks", error)
      return
    }
    for name in names {
      let path = "chunks/" + name
      do throws(BlockError) {
        let storage = try ByteStorage(mapping: directory + "/" + path)
        let file = ByteSlice(storage)
        segments.append(ScannedSegment(path: path, file: file))
        try SegmentReader.checkHeader(file.bytes)
      } catch {
        if segments.last?.path != path { segments.append(ScannedSegment(path: path, file: nil)) }
        scan.report(.segmentHeader, path, error)
      }
    }
  }

  mutating func checkChunks(
    _ bytes: RawSpan, _ entry: ScannedSeries, at offset: Int, _ chunks: [ChunkSpan]
  ) {
    if chunks.isEmpty {
      scan.report(
        .seriesWithoutChunks, Self.indexPath, "series", at: offset,
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
    scan.contents.chunks += 1
    scan.contents.minTime = min(scan.contents.minTime ?? chunk.minTime, chunk.minTime)
    scan.contents.maxTime = max(scan.contents.maxTime ?? chunk.maxTime, chunk.maxTime)
    if chunk.minTime > chunk.maxTime {
      scan.report(
        .chunksOrder, Self.indexPath, "series", at: offset,
        "has a chunk that ends before it begins: \(describe(entry))")
    }
    if let previous, chunk.minTime <= previous.maxTime {
      scan.report(
        .chunksOrder, Self.indexPath, "series", at: offset,
        "has chunks that overlap or are out of order at \(chunk.minTime): \(describe(entry))")
    }
    guard let meta = scan.meta else { return }
    if chunk.minTime < meta.minTime || chunk.minTime >= meta.maxTime
      || chunk.maxTime > meta.maxTime
    {
      scan.report(
        .chunkRange, Self.indexPath, "series", at: offset,
        "has a chunk from \(chunk.minTime) to \(chunk.maxTime), outside the block's "
          + "\(meta.minTime) to \(meta.maxTime): \(describe(entry))")
    }
  }

  // MARK: Records

  private mutating func checkChunk(_ chunk: ChunkSpan, _ entry: ScannedSeries) {
    let place = chunk.location
    guard place.segment < segments.count else {
      scan.report(
        .chunkMissing, "chunks", "chunk", at: place.offset,
        "is in segment \(place.segment + 1) of \(segments.count)" + loss(chunk, entry))
      return
    }
    let segment = segments[place.segment]
    guard let file = segment.file else {
      scan.report(
        .chunkMissing, segment.path, "chunk", at: place.offset, "no file" + loss(chunk, entry))
      return
    }
    let record: ChunkRecord
    do throws(BlockError) {
      record = try ChunkRecord(in: file.bytes, at: place.offset)
    } catch {
      scan.report(.chunkRecord, segment.path, error, suffix: loss(chunk, entry))
      return
    }
    extents.append(
      ScannedExtent(location: place, byteCount: record.payload.upperBound + 4 - place.offset))
    checkSamples(file.bytes, record, chunk, entry, segment.path)
  }

  private mutating func checkSamples(
    _ bytes: RawSpan, _ record: ChunkRecord, _ chunk: ChunkSpan, _ entry: ScannedSeries,
    _ path: String
  ) {
    let encoding = ChunkEncoding(rawValue: record.encoding)
    guard encoding.isKnown else {
      scan.report(
        .chunkEncoding, path, "chunk", at: chunk.location.offset,
        "has the unknown encoding \(record.encoding)" + loss(chunk, entry))
      return
    }
    if let meta = scan.meta, (meta.resolution > 0) != (encoding == .aggregate) {
      scan.report(
        .chunkEncoding, path, "chunk", at: chunk.location.offset,
        "is encoded as \(encoding) in a block with a resolution of \(meta.resolution) ms")
    }
    let payload = bytes.extracting(record.payload)
    do throws(DecodeError) {
      let count = try encoding.sampleCount(of: payload)
      encodings[encoding, default: .init(encoding: encoding)].chunks += 1
      encodings[encoding, default: .init(encoding: encoding)].samples += count
      encodings[encoding, default: .init(encoding: encoding)].bytes += record.payload.count
      scan.contents.samples += count
      columns.removeAll()
      switch encoding {
      case .xor:
        try XORDecoder.decode(bytes, record.payload, into: &columns)
        checkTimes(columns.timestamps, chunk, entry, path)
      case .xor2:
        try XOR2Decoder.decode(bytes, record.payload, into: &columns)
        checkTimes(columns.timestamps, chunk, entry, path)
      case .aggregate:
        try checkAggregates(payload, chunk, entry, path)
      default:
        try HistogramDecoder.decode(bytes, record.payload, encoding: encoding, into: &histograms)
        checkTimes(histograms.timestamps, chunk, entry, path)
      }
    } catch {
      scan.report(
        .chunkSamples, path,
        .decoding(error, section: "chunk", offset: chunk.location.offset),
        suffix: loss(chunk, entry))
    }
  }

  // MARK: Samples

  /// Compares the times of a chunk's samples with each other and with the index.
  private mutating func checkTimes(
    _ times: [Int64], _ chunk: ChunkSpan, _ entry: ScannedSeries, _ path: String
  ) {
    guard let first = times.first, let last = times.last else {
      scan.report(
        .chunkSamples, path, "chunk", at: chunk.location.offset,
        "holds no samples" + loss(chunk, entry))
      return
    }
    if first != chunk.minTime || last != chunk.maxTime {
      scan.report(
        .chunkTimes, path, "chunk", at: chunk.location.offset,
        "holds samples from \(first) to \(last), the index says \(chunk.minTime) to "
          + "\(chunk.maxTime): \(describe(entry))")
    }
    for index in 1..<times.count where times[index - 1] >= times[index] {
      scan.report(
        .chunkSamples, path, "chunk", at: chunk.location.offset,
        "holds samples that are not in the order of time: \(describe(entry))")
      break
    }
  }

  private mutating func checkAggregates(
    _ payload: RawSpan, _ chunk: ChunkSpan, _ entry: ScannedSeries, _ path: String
  ) throws(DecodeError) {
    let parts = try AggregateChunk(payload)
    if parts[.count] == nil || parts[.counter] == nil {
      scan.report(
        .aggregateIncomplete, path, "chunk", at: chunk.location.offset,
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
        scan.report(
          .chunkTimes, path, "chunk", at: chunk.location.offset,
          "holds \(kind) samples from \(first) to \(last), the index says \(chunk.minTime) to "
            + "\(chunk.maxTime): \(describe(entry))")
      }
    }
  }

  private func loss(_ chunk: ChunkSpan, _ entry: ScannedSeries) -> String {
    "; lost: \(describe(entry)) from \(chunk.minTime) to \(chunk.maxTime)"
  }

  // MARK: Extents

  /// Finds records that several chunks claim, and bytes that none does.
  mutating func checkExtents() {
    extents.sort { $0.location < $1.location }
    for (left, right) in zip(extents, extents.dropFirst())
    where left.location == right.location {
      scan.report(
        .chunkShared, segments[left.location.segment].path, "chunk", at: left.location.offset,
        "belongs to more than one chunk of the index")
    }
    var next = extents.startIndex
    for (number, segment) in segments.enumerated() {
      guard let file = segment.file else { continue }
      var position = SegmentFormat.headerByteCount
      var unclaimed = 0
      while next < extents.count, extents[next].location.segment == number {
        unclaimed += max(0, extents[next].location.offset - position)
        position = max(position, extents[next].location.offset + extents[next].byteCount)
        next += 1
      }
      unclaimed += max(0, file.count - position)
      if unclaimed > 0 {
        scan.warn(
          .segmentUnreferenced, segment.path,
          "\(unclaimed) of \(file.count) bytes belong to no readable chunk")
      }
    }
  }
}
