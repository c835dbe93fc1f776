internal import ObjectStore
internal import Telemetry

/// Lets a number of calls run at a time; the others wait in the order of their arrival.
struct QueryGate: Sendable {
  private let share: FairShare?
  private let inFlight: Gauge
  private let total: Counter
  private let duration: Histogram

  /// - Parameters:
  ///   - limit: How many calls may run; 0 for any number.
  ///   - prefix: Of the metrics' names.
  init(limit: Int, prefix: String, registry: MetricRegistry) {
    share = limit > 0 ? FairShare(capacity: limit) : nil
    inFlight = registry.gauge("\(prefix)_queries_in_flight", help: "Calls that run.")
    total = registry.counter("\(prefix)_queries_total", help: "Calls that came to the gate.")
    registry.gauge(
      "\(prefix)_queries_max", help: "Calls that may run at the same time, 0 for any number."
    ).set(limit)
    let name = "\(prefix)_queries_duration_seconds"
    duration = registry.histogram(
      name, help: "Seconds that calls waited at the gate.",
      bounds: [0.01, 0.1, 0.3, 0.6, 1, 3, 6, 9, 20, 30, 60, 90, 120, 240, 360, 720])
    // Dashboards and alerts ask for a name that the reference gave up.
    registry.alias("\(prefix)_duration_seconds", for: name)
  }

  /// Calls that wait for their turn.
  var waiting: Int { share?.waiting ?? 0 }

  /// Runs `body` when it is its turn.
  func run<Value>(_ body: () async throws -> Value) async throws -> Value {
    let start = ContinuousClock.now
    total.increment()
    try await share?.wait(for: 1)
    duration.observe(ContinuousClock.now - start)
    inFlight.add(1)
    defer {
      inFlight.add(-1)
      share?.release(1)
    }
    return try await body()
  }
}
