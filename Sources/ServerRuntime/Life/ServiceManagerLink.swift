public import ServiceLifecycle

/// Tells the service manager that the process is alive, and when it stops.
///
/// Put it last into a service group: what is last is the first to hear of a shutdown.
public struct ServiceManagerLink: Service {
  /// A first look at a large bucket takes longer than managers wait for a start. While it goes on
  /// they are told at every step to wait longer than to the next one.
  private static let startStep = Duration.seconds(10)
  private static let startExtension = Duration.seconds(60)

  private let manager: ServiceManager
  private let probe: Probe
  private let stopLimit: Duration

  /// - Parameters:
  ///   - probe: an unhealthy process no longer calls itself alive, and is restarted.
  ///   - stopLimit: how long a shutdown may take.
  public init(_ manager: ServiceManager, probe: Probe, stopLimit: Duration) {
    self.manager = manager
    self.probe = probe
    self.stopLimit = stopLimit
  }

  public func run() async throws {
    do {
      try await cancelWhenGracefulShutdown {
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await tellOfStart() }
          group.addTask { try await feedWatchdog() }
          try await group.waitForAll()
        }
      }
    } catch is CancellationError {
      manager.tell(.stopping(limit: stopLimit), status: "finishing what is under way")
    }
  }

  private func tellOfStart() async throws {
    while !probe.isReady {
      manager.tell(.starting(extension: Self.startExtension))
      try await Task.sleep(for: Self.startStep)
    }
  }

  private func feedWatchdog() async throws {
    while true {
      guard let interval = manager.watchdogInterval else {
        try await Task.sleep(for: .seconds(3600))
        continue
      }
      if probe.isHealthy { manager.tell(.alive) }
      try await Task.sleep(for: interval)
    }
  }
}
