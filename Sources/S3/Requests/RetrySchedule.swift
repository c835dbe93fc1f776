internal import ObjectStore

/// When a request is tried again: after a delay that doubles, of which a random part is left out,
/// as often as the configuration allows, and only while the whole stays within its time.
///
/// A store that is overloaded gets more time, and what it asks for.
struct RetrySchedule: Sendable {
  private static let firstDelay = Duration.milliseconds(100)
  private static let longestDelay = Duration.seconds(5)
  private static let overloadFactor = 4

  private let attempts: Int
  private let end: ContinuousClock.Instant
  private let sleep: @Sendable (Duration) async throws -> Void
  private(set) var failures = 0

  /// - Parameter limit: after which no new try begins.
  init(
    attempts: Int, limit: Duration = .seconds(120),
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.attempts = attempts
    end = .now + limit
    self.sleep = sleep
  }

  /// Waits until the next try.
  ///
  /// - Throws: the failure as an error of `request`, when there is to be none.
  mutating func pause(
    after failure: S3Failure, of request: S3Request
  ) async throws(BucketError) {
    if Task.isCancelled { throw request.error(.transient, "cancelled") }
    failures += 1
    guard failure.code == .transient, failures < attempts else {
      throw request.error(failure.code, failure.detail)
    }
    let factor = failure.isOverload ? Self.overloadFactor : 1
    let doubled = Self.firstDelay * (1 << min(failures - 1, 16))
    let delay = min(doubled, Self.longestDelay) * factor * Double.random(in: 0.5...1)
    let wanted = max(delay, failure.retryAfter ?? .zero)
    guard .now + wanted < end else { throw request.error(failure.code, failure.detail) }
    do {
      try await sleep(wanted)
    } catch {
      throw request.error(.transient, "cancelled")
    }
  }

  /// Something was received: what failed before does not count any more.
  mutating func progressed() { failures = 0 }
}
