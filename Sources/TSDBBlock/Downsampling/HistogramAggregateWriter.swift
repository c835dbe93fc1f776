/// Makes aggregate chunks of histogram windows: count as floats, sum and counter as float
/// histograms.
///
/// Where a window's layout does not fit the chunk (another zero threshold, other bounds), a new
/// chunk begins; the reference throws the windows before it away.
struct HistogramAggregateWriter {
  private let isGauge: Bool
  private var counts = SampleColumns()
  private var sums = HistogramAppender(isFloat: true)
  private var counters = HistogramAppender(isFloat: true)
  private var encoder = ChunkEncoder()
  private var times: ClosedRange<Int64>?
  private(set) var chunks: [DownsampledChunk] = []

  init(isGauge: Bool) { self.isGauge = isGauge }

  /// Adds a window. What the finer series lacks is left out.
  mutating func add(
    _ time: Int64, count: Double?, sum: FloatHistogram?, counter: FloatHistogram?
  ) {
    let sum = sum?.columns(at: time)
    let counterHint: CounterResetHint = isGauge || counter?.hint == .gauge ? .gauge : .unknown
    let counter = counter?.columns(at: time)
    if conflicts(sum, with: sums, .gauge) || conflicts(counter, with: counters, counterHint) {
      finish()
    }
    if let count { counts.append(timestamp: time, valueBits: count.bitPattern) }
    if let sum { Self.append(sum, to: &sums, .gauge, header: .gauge) }
    if let counter {
      Self.append(
        counter, to: &counters, counterHint, header: counterHint == .gauge ? .gauge : .notReset)
    }
    times = min(time, times?.lowerBound ?? time)...max(time, times?.upperBound ?? time)
  }

  private func conflicts(
    _ window: HistogramColumns?, with appender: HistogramAppender, _ hint: CounterResetHint
  ) -> Bool {
    guard let window, appender.count > 0 else { return false }
    return appender.conflict(window, 0, hint) != nil
  }

  private static func append(
    _ window: HistogramColumns, to appender: inout HistogramAppender, _ hint: CounterResetHint,
    header: HistogramColumns.ResetHeader
  ) {
    if appender.count == 0 {
      appender.begin(window, at: 0, header: header)
    } else {
      _ = appender.append(window, at: 0, hint: hint)
    }
  }

  /// Ends the chunk under way.
  mutating func finish() {
    guard let times else { return }
    var builder = AggregateChunkBuilder()
    if !counts.isEmpty {
      var payload: [UInt8] = []
      encoder.encode(counts, 0..<counts.count, appendingTo: &payload)
      builder[.count] = (.xor, payload)
    }
    builder[.sum] = encode(sums)
    builder[.counter] = encode(counters)
    chunks.append(
      DownsampledChunk(
        minTime: times.lowerBound, maxTime: times.upperBound, sampleCount: counts.count,
        payload: builder.encoded()))
    counts.removeAll()
    sums.removeAll()
    counters.removeAll()
    self.times = nil
  }

  private mutating func encode(
    _ appender: HistogramAppender
  ) -> (encoding: ChunkEncoding, payload: [UInt8])? {
    guard appender.count > 0 else { return nil }
    var payload: [UInt8] = []
    encoder.encode(
      appender.columns, 0..<appender.count, encoding: .floatHistogram, appendingTo: &payload)
    return (.floatHistogram, payload)
  }
}
