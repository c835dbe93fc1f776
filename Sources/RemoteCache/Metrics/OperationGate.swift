internal import ObjectStore
internal import Telemetry

/// Lets so many operations run at once; the others wait for their turn.
struct OperationGate: Sendable {
  /// Nil for any number.
  private let turns: FairShare?
  private let inFlight: Gauge
  private let total: Counter
  private let wait: Histogram

  /// - Parameters:
  ///   - prefix: of the names of metrics.
  ///   - operations: what runs, in the names of metrics.
  init(
    limit: Int, prefix: String, operations: String, labels: [String: String],
    registry: MetricRegistry
  ) {
    turns = limit > 0 ? FairShare(capacity: limit) : nil
    registry.gauge(
      "\(prefix)gate_\(operations)_max", help: "Operations that may run at once.", labels: labels
    ).set(limit)
    inFlight = registry.gauge(
      "\(prefix)gate_\(operations)_in_flight", help: "Operations that run.", labels: labels)
    total = registry.counter(
      "\(prefix)gate_\(operations)_total", help: "Operations that ran or run.", labels: labels)
    wait = registry.histogram(
      "\(prefix)gate_\(operations)_duration_seconds",
      help: "Time that operations waited for their turn.",
      bounds: [0.01, 0.1, 0.3, 0.6, 1, 3, 6, 9, 20, 30, 60, 90, 120, 240, 360, 720],
      labels: labels)
  }

  /// Runs `work` when it is its turn.
  ///
  /// - Throws: `cancelled` when the task was while it waited.
  func pass<Value>(
    _ work: () async throws(WireFailure) -> Value
  ) async throws(WireFailure) -> Value {
    let start = ContinuousClock.now
    if let turns {
      guard (try? await turns.wait(for: 1)) != nil else { throw .cancelled }
    }
    wait.observe(ContinuousClock.now - start)
    total.increment()
    inFlight.add(1)
    defer {
      inFlight.add(-1)
      turns?.release(1)
    }
    return try await work()
  }
}

/// Bounds of histograms of cache clients.
enum CacheBounds {
  static let seconds: [Double] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 3, 6, 10]

  static let bytes: [Double] = [
    32, 256, 512, 1024, 32 << 10, 256 << 10, 512 << 10, 1 << 20, 32 << 20, 256 << 20, 512 << 20,
  ].map { Double($0) }
}
