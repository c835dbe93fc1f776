internal import Synchronization

/// Work that several tasks may ask for and that is done once at a time.
///
/// The work is no child of whoever asked first: when that task is cancelled it alone gives up, and
/// the others still have their answer.
final class SingleFlight<Value: Sendable>: Sendable {
  typealias Answer = Result<Value, RemoteBlockError>

  private struct Waiter {
    var number: UInt64
    var continuation: CheckedContinuation<Answer, Never>
  }

  private enum Part { case gone, waits, begins }

  private struct State {
    var isRunning = false
    var nextNumber: UInt64 = 0
    var waiters: [Waiter] = []
    var cancelled: Set<UInt64> = []
  }

  private let state = Mutex(State())

  /// The answer of the work under way, or that of `work`, which begins now.
  ///
  /// - Throws: what the work throws; `cancelled` when this task is cancelled before it ends.
  func run(
    _ work: @escaping @Sendable () async throws(RemoteBlockError) -> Value
  ) async throws(RemoteBlockError) -> Value {
    let number = state.withLock { state in
      state.nextNumber += 1
      return state.nextNumber
    }
    defer { state.withLock { _ = $0.cancelled.remove(number) } }
    let answer = await withTaskCancellationHandler {
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
      waiter?.continuation.resume(returning: .failure(.cancelled))
    }
    return try answer.get()
  }

  private func join(
    _ waiter: Waiter, _ work: @escaping @Sendable () async throws(RemoteBlockError) -> Value
  ) {
    let part = state.withLock { state -> Part in
      if state.cancelled.contains(waiter.number) { return .gone }
      state.waiters.append(waiter)
      guard !state.isRunning else { return .waits }
      state.isRunning = true
      return .begins
    }
    switch part {
    case .gone: waiter.continuation.resume(returning: .failure(.cancelled))
    case .waits: break
    case .begins:
      Task {
        let answer: Answer
        do throws(RemoteBlockError) {
          answer = .success(try await work())
        } catch {
          answer = .failure(error)
        }
        finish(answer)
      }
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

/// A value that is fetched at the first use and kept; a failure is not.
final class FetchedOnce<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)
  private let flight = SingleFlight<Value>()

  func get(
    _ fetch: @escaping @Sendable () async throws(RemoteBlockError) -> Value
  ) async throws(RemoteBlockError) -> Value {
    if let value = value.withLock({ $0 }) { return value }
    return try await flight.run { [self] () async throws(RemoteBlockError) in
      if let value = value.withLock({ $0 }) { return value }
      let fetched = try await fetch()
      value.withLock { $0 = fetched }
      return fetched
    }
  }
}
