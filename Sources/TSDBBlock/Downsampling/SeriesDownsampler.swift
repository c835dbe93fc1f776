/// Downsamples one series, chunk by chunk in order of time.
///
///     raw:         runs of floats, of histograms, of histograms with custom buckets
///     aggregates:  likewise, each run by itself; raw chunks among them count as five minutes
struct SeriesDownsampler {
  /// Milliseconds; 0 for raw series.
  let inputResolution: Int64
  let resolution: Int64

  private enum Kind { case floats, histograms, customHistograms }

  private var kind: Kind?
  private var floats = RawDownsampler()
  private var histograms = HistogramSamples()
  private var aggregates: [AggregateDownsampler.Parts] = []
  private var aggregator = AggregateDownsampler()
  private var columns = ChunkColumns()
  private var output: [DownsampledChunk] = []

  init(from inputResolution: Int64, to resolution: Int64) {
    self.inputResolution = inputResolution
    self.resolution = resolution
  }

  /// Adds the next chunk.
  ///
  /// - Throws: ``DecodeError`` when the chunk is damaged.
  mutating func append(
    _ payload: RawSpan, encoding: ChunkEncoding, minTime: Int64, maxTime: Int64
  ) throws(DecodeError) {
    if inputResolution == 0 {
      try columns.decode(payload, 0..<payload.byteCount, encoding: encoding)
      try appendRaw(columns)
      return
    }
    if encoding == .aggregate {
      try append(AggregateDownsampler.Parts(payload, minTime...max(minTime, maxTime)))
      return
    }
    // Blocks of Thanos may hold raw chunks among the aggregates.
    guard try encoding.sampleCount(of: payload) > 0 else { return }
    try columns.decode(payload, 0..<payload.byteCount, encoding: encoding)
    var raw = SeriesDownsampler(from: 0, to: 300_000)
    try raw.appendRaw(columns)
    for chunk in try raw.finish() {
      try append(
        AggregateDownsampler.Parts(chunk.payload.rawSpan, chunk.minTime...chunk.maxTime))
    }
  }

  private mutating func appendRaw(_ chunk: ChunkColumns) throws(DecodeError) {
    let next: Kind =
      chunk.kind == .floats
      ? .floats
      : chunk.histograms.layout.schema == HistogramLayout.customSchema
        ? .customHistograms : .histograms
    // Nothing but stale samples has no layout that would tell.
    let hasNoLayout =
      next == .histograms && kind == .customHistograms
      && chunk.histograms.sums.allSatisfy { $0 == SampleValue.staleMarker }
    if hasNoLayout { return }
    if kind != next { try finishRun() }
    kind = next
    if next == .floats { floats.append(chunk.floats) } else { histograms.append(chunk.histograms) }
  }

  private mutating func append(_ parts: AggregateDownsampler.Parts) throws(DecodeError) {
    let next: Kind =
      !parts.isHistogram ? .floats : parts.isCustom ? .customHistograms : .histograms
    if kind != next { try finishRun() }
    kind = next
    aggregates.append(parts)
  }

  private mutating func finishRun() throws(DecodeError) {
    if inputResolution == 0 {
      output += floats.finish(resolution: resolution)
      output += histograms.downsampled(resolution: resolution)
      floats.begin()
      histograms = HistogramSamples()
    } else {
      output += try aggregator.downsample(
        aggregates, interval: inputResolution, resolution: resolution)
      aggregates = []
    }
    kind = nil
  }

  /// The chunks of the series; the next one may follow.
  mutating func finish() throws(DecodeError) -> [DownsampledChunk] {
    try finishRun()
    defer { output = [] }
    return output
  }
}
