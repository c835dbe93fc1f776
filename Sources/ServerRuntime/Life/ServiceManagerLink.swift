public import ServiceLifecycle

/// Tells the service manager that the process is alive, and when it stops.
///
/// Put it last into a service group: what is last is the first to hear of a shutdown.
public struct ServiceManagerLink: Service {
  private let manager: ServiceManager
  private let probe: Probe

  /// - Parameter probe: an unhealthy process no longer calls itself alive, and is restarted.
  public init(_ manager: ServiceManager, probe: Probe) {
    self.manager = manager
    self.probe = probe
  }

  public func run() async throws {
    do {
      try await cancelWhenGracefulShutdown {
        while true {
          guard let interval = manager.watchdogInterval else {
            try await Task.sleep(for: .seconds(3600))
            continue
          }
          if probe.isHealthy { manager.tell(.alive) }
          try await Task.sleep(for: interval)
        }
      }
    } catch is CancellationError {
      manager.tell(.stopping, status: "finishing the calls under way")
    }
  }
}
