/// What the chunks of a series hold, against the index.
extension SeriesScan {
  /// The times of an XOR chunk and of the next one, where nothing is wrong with them.
  func readTimes(_ index: Int) -> (left: XORTimes.Bounds?, right: XORTimes.Bounds?) {
    func isXOR(_ index: Int) -> Bool {
      index < found.count && ChunkEncoding(rawValue: found[index].record.encoding) == .xor
    }
    let segment = found[index].chunk.location.segment
    guard context.depth == .samples, isXOR(index), let file = context.segments[segment].file else {
      return (nil, nil)
    }
    let payload = found[index].record.payload
    guard isXOR(index + 1), found[index + 1].chunk.location.segment == segment else {
      return (XORTimes.bounds(file.bytes, payload), nil)
    }
    return XORTimes.bounds(file.bytes, payload, found[index + 1].record.payload)
  }

  mutating func decode(
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
    checkBounds(first, last, chunk, entry)
    if !times.span.isIncreasing {
      log.report(
        .chunkSamples, path(of: chunk), "chunk", at: chunk.location.offset,
        "holds samples that are not in the order of time: \(describe(entry))")
    }
  }

  mutating func checkBounds(
    _ first: Int64, _ last: Int64, _ chunk: ChunkSpan, _ entry: ScannedSeries
  ) {
    if first != chunk.minTime || last != chunk.maxTime {
      log.report(
        .chunkTimes, path(of: chunk), "chunk", at: chunk.location.offset,
        "holds samples from \(first) to \(last), the index says \(chunk.minTime) to "
          + "\(chunk.maxTime): \(describe(entry))")
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
}
