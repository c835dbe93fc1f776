public import Logging
public import NIOCore
internal import Synchronization

/// How many connections a server has, and whether it takes one more.
public final class ConnectionCount: Sendable {
  private let limit: Int
  private let open = Atomic(0)
  private let lastComplaint = Mutex<ContinuousClock.Instant?>(nil)
  private let logger: Logger

  public init(limit: Int, logger: Logger) {
    self.limit = limit
    self.logger = logger
  }

  /// The connection was closed, since there were too many.
  public struct TooMany: Error {}

  /// Counts the connection until it closes; closes it at once when there are too many.
  public func admit(_ channel: any Channel) -> EventLoopFuture<Void> {
    guard open.add(1, ordering: .relaxed).newValue <= limit else {
      open.subtract(1, ordering: .relaxed)
      complain()
      channel.close(promise: nil)
      return channel.eventLoop.makeFailedFuture(TooMany())
    }
    channel.closeFuture.whenComplete { _ in self.open.subtract(1, ordering: .relaxed) }
    return channel.eventLoop.makeSucceededVoidFuture()
  }

  /// Once a minute: who opens many connections shall not fill the log too.
  private func complain() {
    let isDue = lastComplaint.withLock { last in
      let now = ContinuousClock.now
      guard last.map({ now - $0 > .seconds(60) }) ?? true else { return false }
      last = now
      return true
    }
    if isDue {
      logger.warning(
        "there are as many connections as may be; new ones are refused",
        metadata: ["limit": "\(limit)"])
    }
  }
}
