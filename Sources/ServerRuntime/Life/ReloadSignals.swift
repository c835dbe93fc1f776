public import ServiceLifecycle
internal import UnixSignals

/// Reloads at SIGHUP, as `systemctl reload` and `kill -HUP` send it.
public struct ReloadSignals: Service {
  private let reloads: Reloads
  private let manager: ServiceManager

  /// - Parameter manager: told when a reload begins and ends.
  public init(_ reloads: Reloads, manager: ServiceManager) {
    self.reloads = reloads
    self.manager = manager
  }

  public func run() async throws {
    let signals = await UnixSignalsSequence(trapping: .sighup)
    for await _ in signals.cancelOnGracefulShutdown() {
      manager.tell(.reloading)
      _ = await reloads.run()
      manager.tell(.ready)
    }
  }
}
