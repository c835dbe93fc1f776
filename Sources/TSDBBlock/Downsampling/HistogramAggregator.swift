/// Adds up the histograms of a batch, window by window.
struct HistogramAggregator {
  /// The coarsest schema of the batch, to which all others are brought.
  private let schema: Int32
  private var previous: FloatHistogram?
  /// Samples in the window.
  private(set) var count = 0
  /// Of the window.
  private(set) var sum: FloatHistogram?
  /// Since the first sample of the batch, with what was counted before each reset.
  private(set) var counter: FloatHistogram?

  init(schema: Int32) { self.schema = schema }

  mutating func beginWindow() {
    count = 0
    sum = nil
  }

  /// - Precondition: all samples of a batch have custom buckets, or none.
  mutating func add(_ sample: FloatHistogram) {
    var reduced = sample
    if reduced.schema > schema {
      reduced.reduce(to: schema)
      // As in the reference, which takes a gauge for a counter here.
      reduced.hint = .unknown
    }
    if let previous, counter != nil {
      if reduced.hint != .gauge, sample.isReset(after: previous) {
        _ = counter?.add(reduced)
      } else {
        var change = reduced
        _ = change.add(previous, sign: -1)
        _ = counter?.add(change)
      }
    } else {
      counter = reduced
    }
    if sum == nil {
      sum = reduced
    } else {
      _ = sum?.add(reduced)
    }
    // A sum may be smaller than the one before it without a reset.
    sum?.hint = .gauge
    previous = reduced
    count += 1
  }
}
