internal import Synchronization

/// How much of something tasks hold, and in which order they took it.
public final class Usage: Sendable {
  private let log = Mutex<(now: Int, most: Int, order: [Int])>((0, 0, []))

  public init() {}

  public func begin(_ units: Int = 1, by number: Int) {
    log.withLock { log in
      log.now += units
      log.most = max(log.most, log.now)
      log.order.append(number)
    }
  }

  public func end(_ units: Int = 1) {
    log.withLock { $0.now -= units }
  }

  /// Held at the same time.
  public var most: Int { log.withLock { $0.most } }
  /// Who began, first to last.
  public var order: [Int] { log.withLock { $0.order } }
}
