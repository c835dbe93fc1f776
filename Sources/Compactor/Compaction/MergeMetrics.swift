internal import Synchronization
internal import Telemetry

/// What Prometheus' own compactor, which the reference calls, tells of merges.
///
/// It measures chunks only where a block is written for the first time, at level 1. A merge makes
/// blocks of level 2 and more, so these three stay empty, in the reference as here.
struct MergeMetrics: Sendable {
  private let compactions: Counter
  private let verticalCompactions: Counter
  private let populating: Gauge
  private let seconds: Histogram
  private let running = Running()

  private final class Running: Sendable {
    let count = Mutex(0)
  }

  init(_ registry: MetricRegistry) {
    func name(_ name: String) -> String { "prometheus_tsdb_\(name)" }
    func histogram(_ suffix: String, _ help: String, _ bounds: [Double]) -> Histogram {
      registry.histogram(name(suffix), help: help, bounds: bounds)
    }
    compactions = registry.counter(
      name("compactions_total"),
      help: "Total number of compactions that were executed for the partition.")
    verticalCompactions = registry.counter(
      name("vertical_compactions_total"),
      help: "Total number of compactions done on overlapping blocks.")
    populating = registry.gauge(
      name("compaction_populating_block"),
      help: "Set to 1 when a block is currently being written to the disk.")
    seconds = histogram(
      "compaction_duration_seconds", "Duration of compaction runs", Self.bounds(1, by: 2, 14))
    _ = histogram(
      "compaction_chunk_size_bytes", "Final size of chunks on their first compaction",
      Self.bounds(32, by: 1.5, 12))
    _ = histogram(
      "compaction_chunk_samples", "Final number of samples on their first compaction",
      Self.bounds(4, by: 1.5, 12))
    _ = histogram(
      "compaction_chunk_range_seconds", "Final time range of chunks on their first compaction",
      Self.bounds(100, by: 4, 10))
  }

  private static func bounds(_ first: Double, by factor: Double, _ count: Int) -> [Double] {
    var bounds = [first]
    while let last = bounds.last, bounds.count < count { bounds.append(last * factor) }
    return bounds
  }

  /// Counts and times a merge, also one that fails.
  func observing<Value>(
    isVertical: Bool, _ body: () async throws(JobFailure) -> Value
  ) async throws(JobFailure) -> Value {
    let start = ContinuousClock.now
    change(by: 1)
    compactions.increment()
    if isVertical { verticalCompactions.increment() }
    defer {
      change(by: -1)
      seconds.observe(ContinuousClock.now - start)
    }
    return try await body()
  }

  private func change(by difference: Int) {
    running.count.withLock { count in
      count += difference
      populating.set(count > 0 ? 1 : 0)
    }
  }
}
