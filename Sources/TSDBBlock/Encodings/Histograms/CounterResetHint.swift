/// What a histogram sample is to the sample before it, as far as its reader knows.
///
/// Not stored for a sample: it follows from the chunk, see ``HistogramColumns/hint(at:)``. Appending
/// honours it.
public enum CounterResetHint: Sendable {
  /// Nothing is known: compare the counts.
  case unknown
  /// The counter began anew.
  case reset
  /// The counter went on.
  case notReset
  /// Counts may go anywhere.
  case gauge
}

extension HistogramColumns {
  /// The hint of a sample as readers of Prometheus give it: all of a gauge chunk are gauges, of
  /// others the first is unknown, whatever the header says, and the rest follow without a reset.
  /// Of a stale sample nothing is known, not even that it ends a gauge.
  public func hint(at index: Int) -> CounterResetHint {
    if isStale(at: index) { return .unknown }
    if resetHeader == .gauge { return .gauge }
    return index == 0 ? .unknown : .notReset
  }
}
