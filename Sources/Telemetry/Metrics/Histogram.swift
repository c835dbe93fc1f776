/// Counts observations by fixed upper bounds.
///
/// An observation costs a binary search and two atomic additions. The exposed count is the sum of
/// the buckets, so `_count` and `+Inf` always agree.
public final class Histogram: Sendable {
  /// Upper bounds, ascending, without `+Inf`.
  let bounds: [Double]
  // One counter for each bound and one for everything above.
  private let counters: [Counter]
  private let total = AtomicDouble()

  init(bounds: [Double]) {
    self.bounds = bounds
    counters = (0...bounds.count).map { _ in Counter() }
  }

  public func observe(_ value: Double) {
    counters[bucket(of: value)].increment()
    total.add(value)
  }

  /// Records a duration in seconds.
  public func observe(_ duration: Duration) {
    observe(duration / .seconds(1))
  }

  /// Sum of all observations.
  public var sum: Double { total.value }

  /// Number of observations.
  public var count: Int { cumulativeCounts().last ?? 0 }

  /// How many observations were at most each bound; the last one counts all.
  func cumulativeCounts() -> [Int] {
    var running = 0
    return counters.map { counter in
      running += Int(counter.value)
      return running
    }
  }

  /// The first bucket whose bound is at least `value`; NaN falls behind all of them.
  private func bucket(of value: Double) -> Int {
    var low = 0
    var high = bounds.count
    while low < high {
      let middle = (low + high) / 2
      if value <= bounds[middle] {
        high = middle
      } else {
        low = middle + 1
      }
    }
    return low
  }
}

extension Histogram {
  /// Seconds, as Prometheus clients choose them by default.
  public static let defaultBounds: [Double] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]

  /// Seconds of storage and query work, as Thanos chooses them.
  public static let operationBounds: [Double] = [
    0.001, 0.01, 0.1, 0.3, 0.6, 1, 3, 6, 9, 20, 30, 60, 90, 120,
  ]

  /// `count` bounds, each `factor` times the one before.
  public static func exponentialBounds(
    start: Double, factor: Double, count: Int
  ) -> [Double] {
    var bounds: [Double] = []
    var bound = start
    for _ in 0..<count {
      bounds.append(bound)
      bound *= factor
    }
    return bounds
  }
}
