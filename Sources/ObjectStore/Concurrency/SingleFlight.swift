internal import Synchronization

/// Work that several tasks may ask for and that is done once at a time.
///
/// The work is no child of whoever asked first: when that task is cancelled it alone gives up, and
/// the others still have their answer.
package final class SingleFlight<Answer: Sendable>: Sendable {
  private struct Waiter {
    var number: UInt64
    var continuation: CheckedContinuation<Answer?, Never>
  }

  private enum Part { case gone, waits, begins }

  private struct State {
    var isRunning = false
    var nextNumber: UInt64 = 0
    var waiters: [Waiter] = []
    var cancelled: Set<UInt64> = []
  }

  private let state = Mutex(State())

  package init() {}

  /// Tasks that wait for the work under way.
  package var waiting: Int { state.withLock { $0.waiters.count } }

  /// The answer of the work under way, or that of `work`, which begins now; nil when this task is
  /// cancelled before it ends.
  package func run(_ work: @escaping @Sendable () async -> Answer) async -> Answer? {
    let number = state.withLock { state in
      state.nextNumber += 1
      return state.nextNumber
    }
    defer { state.withLock { _ = $0.cancelled.remove(number) } }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        join(Waiter(number: number, continuation: continuation), work)
      }
    } onCancel: {
      let waiter = state.withLock { state -> Waiter? in
        guard let place = state.waiters.firstIndex(where: { $0.number == number }) else {
          state.cancelled.insert(number)
          return nil
        }
        return state.waiters.remove(at: place)
      }
      waiter?.continuation.resume(returning: nil)
    }
  }

  private func join(_ waiter: Waiter, _ work: @escaping @Sendable () async -> Answer) {
    let part = state.withLock { state -> Part in
      if state.cancelled.contains(waiter.number) { return .gone }
      state.waiters.append(waiter)
      guard !state.isRunning else { return .waits }
      state.isRunning = true
      return .begins
    }
    switch part {
    case .gone: waiter.continuation.resume(returning: nil)
    case .waits: break
    case .begins: Task { finish(await work()) }
    }
  }

  private func finish(_ answer: Answer) {
    let waiters = state.withLock { state in
      state.isRunning = false
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.continuation.resume(returning: answer) }
  }
}
