/// Holds calls until so many are under way at once: whether they may be must not depend on how fast
/// each of them is on a busy machine.
///
/// Without a number nobody is held.
public final class Gathering: Sendable {
  private struct State {
    var wanted = 0
    var running = 0
    var most = 0
  }

  private let state = Locked(State())

  public init(_ count: Int = 0) { wait(for: count) }

  /// Calls that were under way at once, at most.
  public var most: Int { state.withLock { $0.most } }

  /// Begins anew with another number.
  public func wait(for count: Int) {
    state.withLock { state in
      state.wanted = count
      state.most = 0
    }
  }

  /// Begins a call.
  public func enter() async {
    let isHeld = state.withLock { state in
      state.running += 1
      state.most = max(state.most, state.running)
      return state.wanted > 0
    }
    guard isHeld else { return }
    let deadline = ContinuousClock.now + .seconds(60)
    while state.withLock({ $0.most < $0.wanted }), ContinuousClock.now < deadline {
      guard (try? await Task.sleep(for: .milliseconds(2))) != nil else { return }
    }
    // Those that are too many come now.
    try? await Task.sleep(for: .milliseconds(20))
  }

  /// Ends a call.
  public func leave() { state.withLock { $0.running -= 1 } }
}
