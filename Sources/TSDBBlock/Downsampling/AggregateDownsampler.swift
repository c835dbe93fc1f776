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
    private(set) var columns: [AggregateChunk.Kind: ChunkColumns] = [:]
    /// Times of the chunk as the index has them.
    let range: ClosedRange<Int64>

    var sampleCount: Int { columns[.count]?.count ?? 0 }

    private var histograms: HistogramColumns? {
      guard let part = columns[.counter] ?? columns[.sum], part.kind != .floats else { return nil }
      return part.histograms
    }

    var isHistogram: Bool { histograms != nil }
    var isCustom: Bool { histograms?.layout.schema == HistogramLayout.customSchema }

    /// Decodes the parts of an aggregate chunk.
    init(_ payload: RawSpan, _ range: ClosedRange<Int64>) throws(DecodeError) {
      self.range = range
      let chunk = try AggregateChunk(payload)
      for kind in AggregateChunk.Kind.allCases {
        guard let part = chunk[kind] else { continue }
        var decoded = ChunkColumns()
        try decoded.decode(payload, part.range, encoding: part.encoding)
        columns[kind] = decoded
      }
    }
  }

  private var samples = SampleColumns()
  private var windows = FloatWindows()
  private var writer = FloatAggregateWriter()

  /// The chunks of a series.
  ///
  /// - Parameters:
  ///   - chunks: of the finer series, in order of time: all of floats, or all of histograms.
  ///   - interval: the finer resolution in milliseconds.
  /// - Throws: `malformed` when an aggregate holds samples of another kind than the others.
  mutating func downsample(
    _ chunks: [Parts], interval: Int64, resolution: Int64
  ) throws(DecodeError) -> [DownsampledChunk] {
    guard let first = chunks.first, let last = chunks.last else { return [] }
    let chunkCount = DownsampleWindows.chunkCount(
      from: first.range.lowerBound, to: last.range.upperBound, interval: interval,
      resolution: resolution, samples: chunks.reduce(0) { $0 + $1.sampleCount })
    // The reference never ends when there are fewer chunks than it wants.
    let batchSize = max(1, chunks.count / chunkCount)
    var output: [DownsampledChunk] = []
    for start in stride(from: 0, to: chunks.count, by: batchSize) {
      let batch = chunks[start..<min(start + batchSize, chunks.count)]
      if first.isHistogram {
        output += try downsampleHistograms(batch, resolution: resolution)
      } else if let chunk = try downsample(batch, resolution: resolution) {
        output.append(chunk)
      }
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
      builder[kind] = writer.encode(windows, Self.column(of: kind))
      if kind == .count { count = windows.count }
      widen(&bounds)
    }
    var reader = CounterReader(batch.compactMap { $0.columns[.counter] })
    samples.removeAll()
    while let sample = reader.next() {
      guard case .float(let time, let value) = sample else { throw .malformed }
      if time >= 0 { samples.append(timestamp: time, valueBits: value.bitPattern) }
    }
    if !samples.isEmpty {
      windows.aggregate(samples, 0..<samples.count, resolution: resolution, skipsNaN: false)
      builder[.counter] = writer.counter(
        first: (samples.timestamps[0], samples.values[0]), windows,
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
      guard columns.kind == .floats else { throw .malformed }
      let start = samples.count
      samples.timestamps += columns.floats.timestamps
      samples.values += columns.floats.values
      samples.keepMoving(from: start)
    }
  }

  private func widen(_ bounds: inout ClosedRange<Int64>?) {
    guard let own = windows.bounds else { return }
    let all = bounds ?? own
    bounds = min(own.lowerBound, all.lowerBound)...max(own.upperBound, all.upperBound)
  }
}

extension AggregateDownsampler {
  /// One batch of histograms, as one chunk unless layouts change.
  private mutating func downsampleHistograms(
    _ batch: ArraySlice<Parts>, resolution: Int64
  ) throws(DecodeError) -> [DownsampledChunk] {
    struct Window {
      var count: Double?
      var sum: FloatHistogram?
      var counter: FloatHistogram?
    }
    var windowsByTime: [Int64: Window] = [:]
    let counters = try histograms(.counter, batch)
    let allCounters = Array(counters.timestamps.indices)
    counters.forEachWindow(of: allCounters, resolution: resolution) { time, aggregator in
      windowsByTime[time, default: Window()].counter = aggregator.counter
    }
    let sums = try histograms(.sum, batch)
    sums.forEachWindow(
      of: Array(sums.timestamps.indices), resolution: resolution
    ) { time, aggregator in
      windowsByTime[time, default: Window()].sum = aggregator.sum
    }
    try collect(.count, batch)
    windows.aggregate(samples, 0..<samples.count, resolution: resolution, skipsNaN: false)
    let (times, counts) = (windows.timestamps, windows.column(.sums))
    for index in times.indices {
      windowsByTime[times[index], default: Window()].count = Double(bitPattern: counts[index])
    }
    var writer = HistogramAggregateWriter(
      isGauge: !counters.isEmpty && counters.isGauge(at: 0))
    for (time, window) in windowsByTime.sorted(by: { $0.key < $1.key }) {
      writer.add(time, count: window.count, sum: window.sum, counter: window.counter)
    }
    writer.finish()
    return writer.chunks
  }

  private func histograms(
    _ kind: AggregateChunk.Kind, _ batch: ArraySlice<Parts>
  ) throws(DecodeError) -> HistogramSamples {
    var samples = HistogramSamples()
    for parts in batch {
      guard let columns = parts.columns[kind] else { continue }
      guard columns.kind != .floats else { throw .malformed }
      samples.append(columns.histograms)
    }
    return samples
  }
}

extension AggregateDownsampler {
  /// What an aggregate of aggregates is: counts and sums are sums.
  private static func column(of kind: AggregateChunk.Kind) -> FloatWindows.Column {
    switch kind {
    case .count, .sum: .sums
    case .min: .minima
    case .max: .maxima
    case .counter: .counters
    }
  }
}
