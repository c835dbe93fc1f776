import Synchronization

/// How much of something tasks hold, and in which order they took it.
final class Usage: Sendable {
  private let log = Mutex<(now: Int, most: Int, order: [Int])>((0, 0, []))

  func begin(_ units: Int = 1, by number: Int) {
    log.withLock { log in
      log.now += units
      log.most = max(log.most, log.now)
      log.order.append(number)
    }
  }

  func end(_ units: Int = 1) {
    log.withLock { $0.now -= units }
  }

  /// Held at the same time.
  var most: Int { log.withLock { $0.most } }
  /// Who began, first to last.
  var order: [Int] { log.withLock { $0.order } }
}
