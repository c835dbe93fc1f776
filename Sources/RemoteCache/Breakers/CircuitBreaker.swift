internal import Synchronization

/// Keeps requests from a server that fails, and lets a few through after a while to see whether it
/// works again.
///
///     closed ──failures──► open ──a while──► half open ──successes──► closed
///                            ▲                   │
///                            └─────a failure─────┘
///
/// Answers to requests from before a change of state count for nothing.
final class CircuitBreaker: Sendable {
  /// When it opens and closes.
  struct Policy: Equatable, Sendable {
    /// Requests that are let through, and must succeed, when it is half open.
    var halfOpenRequests = 10
    var openDuration = Duration.seconds(5)
    /// It opens after so many requests at the earliest.
    var minimumRequests = 50
    /// Failures in a row that open it.
    var consecutiveFailures = 5
    /// Part of the requests that fail and so open it.
    var failureRatio = 0.05
    /// Counts begin anew so often while it is closed.
    var interval = Duration.seconds(10)

    /// For a server of ours: quick to leave it alone, and quick to come back.
    static let server = Policy(
      halfOpenRequests: 1, minimumRequests: 3, consecutiveFailures: 3, failureRatio: 0.5)
  }

  /// Leave to make a request, to be given back with its result.
  struct Permit: Sendable {
    fileprivate let generation: Int
  }

  private enum State { case closed, open, halfOpen }

  private struct Counts {
    var requests = 0
    var successes = 0
    var failures = 0
    var successesInRow = 0
    var failuresInRow = 0
  }

  private struct Contents {
    var state = State.closed
    var generation = 0
    var counts = Counts()
    /// When an open one becomes half open, and the counts of a closed one begin anew.
    var change: ContinuousClock.Instant
  }

  private let policy: Policy
  private let now: @Sendable () -> ContinuousClock.Instant
  private let contents: Mutex<Contents>

  init(
    _ policy: Policy, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.policy = policy
    self.now = now
    contents = Mutex(Contents(change: now() + policy.interval))
  }

  /// Leave to make a request now; nil when it must not be made.
  func permit() -> Permit? {
    let now = now()
    return contents.withLock { contents in
      advance(&contents, to: now)
      switch contents.state {
      case .open: return nil
      case .halfOpen where contents.counts.requests >= policy.halfOpenRequests: return nil
      case .halfOpen, .closed:
        contents.counts.requests += 1
        return Permit(generation: contents.generation)
      }
    }
  }

  /// Whether requests would be let through. Takes no leave.
  var isOpen: Bool {
    let now = now()
    return contents.withLock { contents in
      advance(&contents, to: now)
      return contents.state == .open
    }
  }

  /// Takes note of what became of a request.
  ///
  /// - Returns: whether this opened it.
  @discardableResult
  func note(success: Bool, of permit: Permit) -> Bool {
    let now = now()
    return contents.withLock { contents in
      advance(&contents, to: now)
      guard permit.generation == contents.generation else { return false }
      if success {
        contents.counts.successes += 1
        contents.counts.successesInRow += 1
        contents.counts.failuresInRow = 0
        let isProven = contents.counts.successesInRow >= policy.halfOpenRequests
        if contents.state == .halfOpen, isProven { enter(.closed, &contents, now) }
        return false
      }
      contents.counts.failures += 1
      contents.counts.failuresInRow += 1
      contents.counts.successesInRow = 0
      guard contents.state == .halfOpen || isTooMuch(contents.counts) else { return false }
      enter(.open, &contents, now)
      return true
    }
  }

  /// Gives leave back that was not used.
  func giveUp(_ permit: Permit) {
    contents.withLock { contents in
      guard permit.generation == contents.generation else { return }
      contents.counts.requests -= 1
    }
  }

  private func isTooMuch(_ counts: Counts) -> Bool {
    guard counts.requests >= policy.minimumRequests else { return false }
    return counts.failuresInRow >= policy.consecutiveFailures
      || Double(counts.failures) / Double(counts.requests) >= policy.failureRatio
  }

  private func advance(_ contents: inout Contents, to now: ContinuousClock.Instant) {
    guard now >= contents.change else { return }
    switch contents.state {
    case .closed: enter(.closed, &contents, now)
    case .open: enter(.halfOpen, &contents, now)
    case .halfOpen: break
    }
  }

  private func enter(
    _ state: State, _ contents: inout Contents, _ now: ContinuousClock.Instant
  ) {
    contents.state = state
    contents.generation += 1
    contents.counts = Counts()
    contents.change = now + (state == .open ? policy.openDuration : policy.interval)
  }
}
