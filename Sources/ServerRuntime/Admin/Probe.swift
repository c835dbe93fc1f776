internal import Synchronization
public import Telemetry

/// Whether a program is healthy and ready, for `/-/healthy`, `/-/ready` and `thanos_status`.
///
/// Starts healthy and not ready.
public final class Probe: Sendable {
  private struct State {
    var isHealthy = true
    var isReady = false
  }

  private let state = Mutex(State())
  private let healthyGauge: Gauge
  private let readyGauge: Gauge

  /// - Parameter component: `store` or `compact`, as Thanos names it.
  public init(component: String, registry: MetricRegistry) {
    func gauge(_ check: String) -> Gauge {
      registry.gauge(
        "thanos_status",
        help: "Represents status (0 indicates failure, 1 indicates success) "
          + "of the component.", labels: ["component": component, "check": check])
    }
    healthyGauge = gauge("healthy")
    readyGauge = gauge("ready")
    healthyGauge.set(1)
    readyGauge.set(0)
  }

  public var isHealthy: Bool { state.withLock { $0.isHealthy } }
  public var isReady: Bool { state.withLock { $0.isReady } }

  public func setReady(_ isReady: Bool) {
    state.withLock { $0.isReady = isReady }
    readyGauge.set(isReady ? 1 : 0)
  }

  public func setHealthy(_ isHealthy: Bool) {
    state.withLock { $0.isHealthy = isHealthy }
    healthyGauge.set(isHealthy ? 1 : 0)
  }
}
