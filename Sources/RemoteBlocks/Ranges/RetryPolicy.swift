/// When to try again after a failure that may pass: after a delay that doubles, of which a random
/// part is left out so that those who failed together do not come back together.
public struct RetryPolicy: Sendable {
  /// Tries altogether.
  public var attempts: Int
  /// Before the second try.
  public var firstDelay: Duration
  public var maxDelay: Duration
  /// How long one try may take; one that hangs is given up and counts as failed.
  public var attemptTimeout: Duration

  public init(
    attempts: Int = 5, firstDelay: Duration = .milliseconds(100),
    maxDelay: Duration = .seconds(5), attemptTimeout: Duration = .seconds(60)
  ) {
    self.attempts = max(attempts, 1)
    self.firstDelay = firstDelay
    self.maxDelay = maxDelay
    self.attemptTimeout = attemptTimeout
  }

  /// - Parameter failures: so many so far, from 1.
  func delay(after failures: Int) -> Duration {
    let full = min(firstDelay * (1 << min(max(failures - 1, 0), 30)), maxDelay)
    return full * Double.random(in: 0.5...1)
  }
}
