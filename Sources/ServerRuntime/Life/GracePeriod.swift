public import Logging
public import ServiceLifecycle

/// A service whose graceful shutdown may take so long and no longer.
///
/// When the time is over the service is cancelled, which ends what is still under way. One that does
/// not end then either is left behind: a client that reads nothing can keep a connection from closing,
/// and must not keep the program from ending.
public struct GracePeriod: Service {
  /// How long a cancelled service is waited for.
  private static let patience = Duration.seconds(2)

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

  private enum Event: Sendable {
    case ended((any Error)?)
    case timeIsOver
    case patienceIsOver
  }

  public func run() async throws {
    let service = service
    let limit = limit
    let (events, event) = AsyncStream.makeStream(of: Event.self)
    let running = Task {
      do {
        try await service.run()
        event.yield(.ended(nil))
      } catch {
        event.yield(.ended(error))
        throw error
      }
    }
    let clock = Task {
      // Both ends of the wait throw; only a shutdown starts the clock.
      try? await gracefulShutdown()
      try await Task.sleep(for: limit)
      event.yield(.timeIsOver)
      try await Task.sleep(for: Self.patience)
      event.yield(.patienceIsOver)
    }
    defer { clock.cancel() }
    try await withTaskCancellationHandler {
      var isOver = false
      for await event in events {
        switch event {
        case .ended(let error):
          // What a cancelled service throws is no failure of the program.
          if let error, !isOver { throw error }
          return
        case .timeIsOver:
          isOver = true
          logger.warning(
            "calls were still under way and are ended",
            metadata: ["after": "\(limit)", "flag": "\(flag)"])
          running.cancel()
        case .patienceIsOver:
          logger.warning("connections that do not close are left behind")
          return
        }
      }
      // Cancelled from outside.
      try await running.value
    } onCancel: {
      running.cancel()
    }
  }
}
