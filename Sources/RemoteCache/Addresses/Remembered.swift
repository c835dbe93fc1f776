internal import ObjectStore
internal import Synchronization

/// Something that takes a look somewhere to know. Who asks first waits for the look, for a moment;
/// later it is looked again behind the back of whoever asks, and what was known is used meanwhile.
final class Remembered<Value: Sendable>: Sendable {
  /// When to look again.
  struct Policy: Sendable {
    /// How old the value may be; nil for any age.
    var lifetime: Duration?
    /// Between two looks, however much the value is missed.
    var pause = Duration.seconds(1)
    /// How long the first who asks waits.
    var patience: Duration
  }

  private struct State {
    var value: Value?
    /// When the last look began; nil before the first.
    var looked: ContinuousClock.Instant?
    var hasLooked = false
    var isDoubted = false
  }

  private let policy: Policy
  private let look: @Sendable () async -> Value?
  private let state = Mutex(State())
  private let flight = SingleFlight<Void>()

  /// - Parameter look: finds the value out; nil leaves what was known.
  init(_ policy: Policy, look: @escaping @Sendable () async -> Value?) {
    self.policy = policy
    self.look = look
  }

  /// The value as it is known; nil when no look has found it.
  func current() async -> Value? {
    let now = ContinuousClock.now
    let (value, isFirst, isDue) = state.withLock { state -> (Value?, Bool, Bool) in
      let due = self.isDue(state, now)
      if due { state.looked = now }
      return (state.value, !state.hasLooked, due)
    }
    if isFirst {
      await within(policy.patience) { await self.lookOnce() }
      return state.withLock { $0.value }
    }
    if isDue { Task.detached { await self.lookOnce() } }
    return value
  }

  /// Says that the value seems to be wrong: somebody looks again soon.
  func doubt() { state.withLock { $0.isDoubted = true } }

  private func isDue(_ state: State, _ now: ContinuousClock.Instant) -> Bool {
    guard let looked = state.looked else { return true }
    if state.value == nil || state.isDoubted { return now - looked >= policy.pause }
    return policy.lifetime.map { now - looked >= $0 } ?? false
  }

  private func lookOnce() async {
    _ = await flight.run { [self] in
      let found = await look()
      state.withLock { state in
        state.hasLooked = true
        guard let found else { return }
        state.value = found
        state.isDoubted = false
      }
    }
  }
}

/// Waits for `work`, but not longer than `limit`.
func within(_ limit: Duration, _ work: @escaping @Sendable () async -> Void) async {
  await withTaskGroup(of: Void.self) { group in
    group.addTask { await work() }
    group.addTask { try? await Task.sleep(for: limit) }
    await group.next()
    group.cancelAll()
  }
}
