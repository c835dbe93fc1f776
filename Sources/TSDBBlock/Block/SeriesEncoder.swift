/// Cuts runs of samples into chunks and encodes them.
///
///     floats      ──► a chunk of every `samplesPerChunk`
///     histograms  ──► also where two cannot share a chunk, see ``HistogramAppender``
///
/// A run begins a chunk of its own, so that runs which were chunks become the same chunks again.
struct SeriesEncoder {
  struct Chunk {
    var minTime: Int64
    var maxTime: Int64
    var encoding: ChunkEncoding
    var payload: [UInt8]
  }

  let samplesPerChunk: Int
  /// Whether chunks with start times are written in the encodings that have them.
  let keepsStarts: Bool
  private(set) var chunks: [Chunk] = []
  private var encoder = ChunkEncoder()

  init(samplesPerChunk: Int, keepsStarts: Bool) {
    self.samplesPerChunk = samplesPerChunk
    self.keepsStarts = keepsStarts
  }

  mutating func append(_ floats: SampleColumns) {
    for start in stride(from: 0, to: floats.count, by: samplesPerChunk) {
      let range = start..<min(start + samplesPerChunk, floats.count)
      let hasStarts =
        keepsStarts && !floats.starts.isEmpty && floats.starts[range].contains { $0 != 0 }
      var payload: [UInt8] = []
      if hasStarts {
        ChunkEncoder.encodeXOR2(floats, range, appendingTo: &payload)
      } else {
        encoder.encode(floats, range, appendingTo: &payload)
      }
      chunks.append(
        Chunk(
          minTime: floats.timestamps[range.lowerBound],
          maxTime: floats.timestamps[range.upperBound - 1], encoding: hasStarts ? .xor2 : .xor,
          payload: payload))
    }
  }

  mutating func append(_ histograms: HistogramColumns) {
    var appender = HistogramAppender(isFloat: histograms.isFloat)
    for index in 0..<histograms.count {
      // A stale sample that its writer put among gauges belongs there.
      let hint = histograms.resetHeader == .gauge ? .gauge : histograms.hint(at: index)
      let header: HistogramColumns.ResetHeader
      if index == 0 {
        header = histograms.resetHeader
      } else if appender.count >= samplesPerChunk {
        header = HistogramAppender.header(
          of: histograms, at: index, hint: hint, continuing: appender)
      } else if case .needsNewChunk(let needed) = appender.append(
        histograms, at: index, hint: hint)
      {
        header = needed
      } else {
        continue
      }
      finish(appender.columns)
      appender.begin(histograms, at: index, header: header)
    }
    finish(appender.columns)
  }

  private mutating func finish(_ columns: HistogramColumns) {
    guard let first = columns.timestamps.first, let last = columns.timestamps.last else { return }
    let hasStarts = keepsStarts && columns.starts.contains { $0 != 0 }
    let encoding: ChunkEncoding =
      columns.isFloat
      ? (hasStarts ? .floatHistogramST : .floatHistogram)
      : (hasStarts ? .histogramST : .histogram)
    var payload: [UInt8] = []
    encoder.encode(columns, 0..<columns.count, encoding: encoding, appendingTo: &payload)
    chunks.append(Chunk(minTime: first, maxTime: last, encoding: encoding, payload: payload))
  }
}
