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

  /// Adds the next chunk, whose data is `payload`, a range of `bytes`.
  ///
  /// - Throws: ``DecodeError`` when the chunk is damaged.
  mutating func append(
    _ bytes: RawSpan, _ payload: Range<Int>, encoding: ChunkEncoding, minTime: Int64,
    maxTime: Int64
  ) throws(DecodeError) {
    if inputResolution == 0 {
      try appendRaw(bytes, payload, encoding: encoding)
      return
    }
    if encoding == .aggregate {
      try append(
        AggregateDownsampler.Parts(
          bytes.extracting(payload), minTime...max(minTime, maxTime)))
      return
    }
    // Blocks of Thanos may hold raw chunks among the aggregates.
    guard try encoding.sampleCount(of: bytes.extracting(payload)) > 0 else { return }
    var raw = SeriesDownsampler(from: 0, to: 300_000)
    try raw.appendRaw(bytes, payload, encoding: encoding)
    for chunk in try raw.finish() {
      try append(
        AggregateDownsampler.Parts(chunk.payload.rawSpan, chunk.minTime...chunk.maxTime))
    }
  }

  private mutating func appendRaw(
    _ bytes: RawSpan, _ payload: Range<Int>, encoding: ChunkEncoding
  ) throws(DecodeError) {
    if encoding.withoutStartTimestamps == .xor {
      if kind != .floats { try finishRun() }
      kind = .floats
      try floats.append(bytes, payload, encoding: encoding)
      return
    }
    try columns.decode(bytes, payload, encoding: encoding)
    let chunk = columns.histograms
    let isCustom = chunk.layout.schema == HistogramLayout.customSchema
    // Nothing but stale samples has no layout that would tell, and nothing to add.
    if !isCustom, kind == .customHistograms,
      (0..<chunk.count).allSatisfy({ chunk.isStale(at: $0) })
    {
      return
    }
    let next = isCustom ? Kind.customHistograms : .histograms
    if kind != next { try finishRun() }
    kind = next
    histograms.append(chunk)
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
