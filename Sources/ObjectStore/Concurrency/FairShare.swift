internal import Synchronization

/// Units of something scarce, given out in the order they were asked for.
///
/// A request for many units is not overtaken by later ones for few, so it does not starve. Waiting
/// tasks are suspended and hold no thread.
package final class FairShare: Sendable {
  private struct Waiter {
    var id: UInt64
    var units: Int
    var continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var available: Int
    var nextID: UInt64 = 0
    var waiters: [Waiter] = []
    /// Requests that were cancelled before they began to wait.
    var cancelled: Set<UInt64> = []
  }

  /// All units there are.
  package let capacity: Int
  /// How many of them only those get who overtake.
  package let reserve: Int
  private let state: Mutex<State>

  package init(capacity: Int, reserve: Int = 0) {
    self.capacity = capacity
    self.reserve = reserve
    state = Mutex(State(available: capacity))
  }

  /// Units given out.
  package var used: Int { state.withLock { capacity - $0.available } }

  /// Requests that wait.
  package var waiting: Int { state.withLock { $0.waiters.count } }

  /// Takes units when they are free and nobody waits for some.
  ///
  /// - Parameter overtakes: Whether those who wait do not matter, and the reserve may be used.
  package func take(_ units: Int, overtakes: Bool = false) -> Bool {
    state.withLock { state in
      let hasUnits =
        overtakes
        ? state.available >= units : state.waiters.isEmpty && state.available - reserve >= units
      guard hasUnits else { return false }
      state.available -= units
      return true
    }
  }

  /// Takes units, after waiting for its turn.
  ///
  /// - Precondition: There are so many units at all, without the reserve.
  /// - Throws: `CancellationError`; nothing was taken then.
  package func wait(for units: Int) async throws {
    precondition(units <= capacity - reserve)
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    let isGranted = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let decided = state.withLock { state -> Bool? in
          if state.cancelled.contains(id) { return false }
          if state.waiters.isEmpty, state.available - reserve >= units {
            state.available -= units
            return true
          }
          state.waiters.append(Waiter(id: id, units: units, continuation: continuation))
          return nil
        }
        if let decided { continuation.resume(returning: decided) }
      }
    } onCancel: {
      cancel(id)
    }
    _ = state.withLock { $0.cancelled.remove(id) }
    if !isGranted { throw CancellationError() }
  }

  /// Gives units back.
  package func release(_ units: Int) {
    state.withLock { $0.available += units }
    serve()
  }

  private func cancel(_ id: UInt64) {
    let waiter = state.withLock { state -> Waiter? in
      guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
        state.cancelled.insert(id)
        return nil
      }
      return state.waiters.remove(at: index)
    }
    waiter?.continuation.resume(returning: false)
    // Those behind it may have waited for it alone.
    serve()
  }

  private func serve() {
    let served = state.withLock { state -> [Waiter] in
      var count = 0
      for waiter in state.waiters {
        guard waiter.units <= state.available - reserve else { break }
        state.available -= waiter.units
        count += 1
      }
      defer { state.waiters.removeFirst(count) }
      return Array(state.waiters.prefix(count))
    }
    for waiter in served { waiter.continuation.resume(returning: true) }
  }
}

extension FairShare {
  /// As ``wait(for:)``, but gives up after some time.
  ///
  /// - Returns: False when the time is over and nothing was taken.
  package func wait(for units: Int, atMost limit: Duration) async throws -> Bool {
    if take(units) { return true }
    let isGranted = await withTaskGroup(of: Bool.self) { group in
      group.addTask { (try? await self.wait(for: units)) != nil }
      group.addTask {
        try? await Task.sleep(for: limit)
        return false
      }
      let first = await group.next() ?? false
      group.cancelAll()
      // The units may have come in the last moment: when the time was over, or with a cancellation.
      let second = await group.next() ?? false
      return first || second
    }
    if Task.isCancelled {
      if isGranted { release(units) }
      throw CancellationError()
    }
    return isGranted
  }
}
