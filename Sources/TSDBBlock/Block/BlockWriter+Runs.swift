/// Writing series of histograms, and series that change their type.
extension BlockWriter {
  /// Adds a series of histograms with the same buckets. Series come in the order of their labels.
  ///
  /// - Parameters:
  ///   - labels: of the series.
  ///   - ordinals: what ``addSymbols(of:)`` returned.
  ///   - histograms: columns whose times increase. A histogram whose counts are less than the
  ///     ones before it begins a chunk.
  ///   - samplesPerChunk: 120 as Prometheus does, at most 16383.
  ///   - keepsStarts: whether start times are written. Chunks with start times cannot be read by
  ///     Prometheus before 3.11 and Thanos 0.43.
  /// - Throws: ``BlockError`` with the code `invalidInput` as
  ///   ``addSeries(_:_:runs:samplesPerChunk:keepsStarts:)`` does.
  public func addSeries(
    _ labels: LabelSet, _ ordinals: SymbolOrdinals, histograms: HistogramColumns,
    samplesPerChunk: Int = 120, keepsStarts: Bool = false
  ) throws(BlockError) {
    try addSeries(
      labels, ordinals, runs: [ChunkColumns(histograms)], samplesPerChunk: samplesPerChunk,
      keepsStarts: keepsStarts)
  }

  /// Adds a series of floats and histograms, run by run. Series come in the order of their labels.
  ///
  /// A run begins a chunk of its own: chunks that were read as columns can be written again so.
  ///
  /// - Parameters:
  ///   - labels: of the series.
  ///   - ordinals: what ``addSymbols(of:)`` returned.
  ///   - runs: samples of one kind each, whose times increase from the first to the last run.
  ///   - samplesPerChunk: 120 as Prometheus does, at most 16383.
  ///   - keepsStarts: whether start times are written. Chunks with start times cannot be read by
  ///     Prometheus before 3.11 and Thanos 0.43.
  /// - Throws: ``BlockError`` with the code `invalidInput` for labels whose symbols were not
  ///   added, for columns of different lengths, times that do not increase or a schema that has
  ///   no meaning, and when another rule of the format is broken. Nothing is written of columns
  ///   that are refused.
  public func addSeries(
    _ labels: LabelSet, _ ordinals: SymbolOrdinals, runs: [ChunkColumns],
    samplesPerChunk: Int = 120, keepsStarts: Bool = false
  ) throws(BlockError) {
    precondition(1...16383 ~= samplesPerChunk, "a chunk has 1 to 16383 samples")
    guard let references = ordinals.references(to: labels) else {
      throw invalid(labels, "has symbols that were not added")
    }
    var last: Int64?
    for run in runs {
      if let reason = run.flaw { throw invalid(labels, reason) }
      for time in run.timestamps {
        if let last, time <= last {
          throw invalid(labels, "has a sample at \(time) behind \(last)")
        }
        last = time
      }
    }
    var encoder = SeriesEncoder(samplesPerChunk: samplesPerChunk, keepsStarts: keepsStarts)
    for run in runs {
      if run.kind == .floats { encoder.append(run.floats) } else { encoder.append(run.histograms) }
    }
    beginSeries(payloadByteCounts: encoder.chunks.map(\.payload.count))
    for chunk in encoder.chunks {
      try appendChunk(
        minTime: chunk.minTime, maxTime: chunk.maxTime, encoding: chunk.encoding.rawValue,
        payload: chunk.payload.rawSpan)
    }
    try endSeries(labels: references)
  }

  private func invalid(_ labels: LabelSet, _ reason: String) -> BlockError {
    BlockError(.invalidInput, path: directory, detail: "\(labels) \(reason)")
  }
}

extension ChunkColumns {
  /// What keeps the columns from being written; nil when nothing does.
  fileprivate var flaw: String? {
    let count = count
    func fits(_ starts: [Int64]) -> Bool { starts.isEmpty || starts.count == count }
    if kind == .floats {
      return floats.values.count == count && fits(floats.starts)
        ? nil : "has columns of different lengths"
    }
    let schema = histograms.layout.schema
    guard
      schema == HistogramLayout.customSchema
        || HistogramLayout.smallestReservedSchema...HistogramLayout.largestSchema ~= schema
    else { return "has the schema \(schema), which has no meaning" }
    let (width, isTooWide) = histograms.bucketCount.multipliedReportingOverflow(by: count)
    guard
      !isTooWide, histograms.buckets.count == width, histograms.counts.count == count,
      histograms.zeroCounts.count == count, histograms.sums.count == count,
      fits(histograms.starts)
    else { return "has columns of different lengths" }
    return nil
  }
}
