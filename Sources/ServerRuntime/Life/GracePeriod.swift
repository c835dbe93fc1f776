public import Logging
public import ServiceLifecycle

/// A service whose graceful shutdown may take so long and no longer.
///
/// When the time is over the service is cancelled, which ends what is still under way.
public struct GracePeriod: Service {
  private let service: any Service
  private let limit: Duration
  private let flag: String
  private let logger: Logger

  /// - Parameter flag: names the flag that set the limit, with its dashes.
  public init(_ limit: Duration, of service: any Service, flag: String, logger: Logger) {
    self.limit = limit
    self.service = service
    self.flag = flag
    self.logger = logger
  }

  private enum End: Sendable {
    case service
    case time
  }

  public func run() async throws {
    try await withThrowingTaskGroup(of: End.self) { group in
      group.addTask {
        try await service.run()
        return .service
      }
      group.addTask {
        // Both ends of the wait throw; only a shutdown starts the clock.
        try? await gracefulShutdown()
        try await Task.sleep(for: limit)
        return .time
      }
      guard try await group.next() == .time else {
        group.cancelAll()
        return
      }
      logger.warning(
        "calls were still under way and are ended",
        metadata: ["after": "\(limit)", "flag": "\(flag)"])
      group.cancelAll()
      // What a cancelled service throws is no failure of the program.
      while let end = await group.nextResult() { _ = end }
    }
  }
}
