internal import Dispatch
internal import ObjectStore
internal import Synchronization

/// Runs asynchronous work to its end while this thread waits for it.
///
/// Commands are a sequence of steps with output between them, on the main thread of the program,
/// which is none of the cooperative pool. The work has threads of its own.
func waitFor<Value: Sendable>(
  _ body: @escaping @Sendable () async throws -> Value
) throws -> Value {
  let outcome = Outcome<Value>()
  let isOver = DispatchSemaphore(value: 0)
  Task(executorPreference: BlockingExecutor.shared) {
    do {
      outcome.set(.success(try await body()))
    } catch {
      outcome.set(.failure(error))
    }
    isOver.signal()
  }
  isOver.wait()
  return try outcome.value.get()
}

private final class Outcome<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>>(.failure(CancellationError()))

  var value: Result<Value, any Error> { result.withLock { $0 } }

  func set(_ value: Result<Value, any Error>) { result.withLock { $0 = value } }
}
