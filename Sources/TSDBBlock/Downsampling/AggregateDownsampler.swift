/// Downsamples a series that has been downsampled before.
///
///     5m chunks   ├──┤├──┤├──┤ ├──┤├──┤├──┤      batches are whole chunks, because only a chunk's
///     1h chunks   ├──────────┤ ├──────────┤      first and last counter values are the true ones
///
/// Counts and sums are added up, minima and maxima compared, counters read by ``CounterReader``.
/// Source: `downsampleAggr` of Thanos.
struct AggregateDownsampler {
  /// What a batch is made of: the parts of one chunk, decoded.
  struct Parts {
    var columns: [AggregateChunk.Kind: ChunkColumns] = [:]

    var sampleCount: Int { columns[.count]?.count ?? 0 }

    init() {}

    /// Decodes the parts of an aggregate chunk.
    init(_ payload: RawSpan) throws(DecodeError) {
      let chunk = try AggregateChunk(payload)
      for kind in AggregateChunk.Kind.allCases {
        guard let part = chunk[kind] else { continue }
        var decoded = ChunkColumns()
        try decoded.decode(payload, part.range, encoding: part.encoding)
        columns[kind] = decoded
      }
    }

    /// The parts of raw floats, which downsampled blocks hold by mistake: what they would have
    /// been had they been downsampled to five minutes.
    static func parts(ofRaw samples: SampleColumns) throws(DecodeError) -> [Parts] {
      var raw = RawDownsampler()
      raw.append(samples)
      var parts: [Parts] = []
      for chunk in raw.finish(resolution: 300_000) {
        parts.append(try Parts(chunk.payload.rawSpan))
      }
      return parts
    }
  }

  private var samples = SampleColumns()
  private var windows = FloatWindows()
  private var writer = FloatAggregateWriter()

  /// The chunks of a series.
  ///
  /// - Parameters:
  ///   - chunks: of the finer series, in order of time.
  ///   - range: times of its first and last chunk as the index has them.
  ///   - interval: the finer resolution in milliseconds.
  /// - Throws: `unsupported` when a part holds histograms.
  mutating func downsample(
    _ chunks: [Parts], range: ClosedRange<Int64>, interval: Int64, resolution: Int64
  ) throws(DecodeError) -> [DownsampledChunk] {
    let chunkCount = DownsampleWindows.chunkCount(
      from: range.lowerBound, to: range.upperBound, interval: interval, resolution: resolution,
      samples: chunks.reduce(0) { $0 + $1.sampleCount })
    // The reference never ends when there are fewer chunks than it wants.
    let batchSize = max(1, chunks.count / chunkCount)
    var output: [DownsampledChunk] = []
    for start in stride(from: 0, to: chunks.count, by: batchSize) {
      let batch = chunks[start..<min(start + batchSize, chunks.count)]
      if let chunk = try downsample(batch, resolution: resolution) { output.append(chunk) }
    }
    return output
  }

  /// One batch as a chunk; nil when it holds no sample.
  private mutating func downsample(
    _ batch: ArraySlice<Parts>, resolution: Int64
  ) throws(DecodeError) -> DownsampledChunk? {
    var builder = AggregateChunkBuilder()
    var bounds: ClosedRange<Int64>?
    var count = 0
    for kind in [AggregateChunk.Kind.count, .sum, .min, .max] {
      try collect(kind, batch)
      guard !samples.isEmpty else { continue }
      windows.aggregate(samples, 0..<samples.count, resolution: resolution, skipsNaN: false)
      builder[kind] = writer.encode(windows.timestamps, windows.values(of: kind))
      if kind == .count { count = windows.timestamps.count }
      widen(&bounds)
    }
    var reader = CounterReader(batch.compactMap { $0.columns[.counter] })
    samples.removeAll()
    while let sample = reader.next() {
      guard case .float(let time, let value) = sample else { throw .unsupported }
      if time >= 0 { samples.append(timestamp: time, valueBits: value.bitPattern) }
    }
    if !samples.isEmpty {
      windows.aggregate(samples, 0..<samples.count, resolution: resolution, skipsNaN: false)
      builder[.counter] = writer.encodeCounter(
        first: (samples.timestamps[0], samples.values[0]), windows.timestamps, windows.counters,
        last: reader.lastStoredValue.bitPattern)
      widen(&bounds)
    }
    guard let bounds else { return nil }
    return DownsampledChunk(
      minTime: bounds.lowerBound, maxTime: bounds.upperBound, sampleCount: count,
      payload: builder.encoded())
  }

  /// Replaces `samples` by those of one part of all chunks, as ``RawDownsampler`` takes raw ones.
  private mutating func collect(
    _ kind: AggregateChunk.Kind, _ batch: ArraySlice<Parts>
  ) throws(DecodeError) {
    samples.removeAll()
    for parts in batch {
      guard let columns = parts.columns[kind] else { continue }
      guard columns.kind == .floats else { throw .unsupported }
      samples.appendMoving(columns.floats)
    }
  }

  private func widen(_ bounds: inout ClosedRange<Int64>?) {
    guard let first = windows.timestamps.min(), let last = windows.timestamps.max() else { return }
    bounds = min(first, bounds?.lowerBound ?? first)...max(last, bounds?.upperBound ?? last)
  }
}

extension FloatWindows {
  /// What an aggregate of aggregates is: counts and sums are sums.
  fileprivate func values(of kind: AggregateChunk.Kind) -> [UInt64] {
    switch kind {
    case .count, .sum: sums
    case .min: minima
    case .max: maxima
    case .counter: counters
    }
  }
}
