internal import Synchronization

/// Lets a number of tasks through at once; the others wait in the order they came.
final class FairLimiter: Sendable {
  private struct State {
    var free: Int
    var nextNumber: UInt64 = 0
    /// By number, which is the order of arrival.
    var waiting: [(number: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
    /// Cancelled before they began to wait.
    var cancelled: Set<UInt64> = []
  }

  private let state: Mutex<State>

  init(limit: Int) {
    precondition(limit > 0, "somebody must be let through")
    state = Mutex(State(free: limit))
  }

  /// Runs `body` when it is this task's turn.
  ///
  /// - Throws: `cancelled` when the task is cancelled while it waits.
  func run<Value>(
    _ body: () async throws(RemoteBlockError) -> Value
  ) async throws(RemoteBlockError) -> Value {
    guard await enter() else { throw .cancelled }
    defer { leave() }
    return try await body()
  }

  private func enter() async -> Bool {
    let number = state.withLock { state -> UInt64? in
      if state.free > 0 {
        state.free -= 1
        return nil
      }
      state.nextNumber += 1
      return state.nextNumber
    }
    guard let number else { return true }
    // A cancellation that comes with the turn leaves its mark behind.
    defer { state.withLock { _ = $0.cancelled.remove(number) } }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer = state.withLock { state -> Bool? in
          if state.cancelled.remove(number) != nil { return false }
          if state.free > 0 {
            state.free -= 1
            return true
          }
          state.waiting.append((number, continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
        guard let place = state.waiting.firstIndex(where: { $0.number == number }) else {
          state.cancelled.insert(number)
          return nil
        }
        return state.waiting.remove(at: place).continuation
      }
      continuation?.resume(returning: false)
    }
  }

  private func leave() {
    let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      guard !state.waiting.isEmpty else {
        state.free += 1
        return nil
      }
      return state.waiting.removeFirst().continuation
    }
    next?.resume(returning: true)
  }
}
