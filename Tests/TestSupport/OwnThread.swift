public import Foundation

/// Runs `body` on a thread of its own, where tests that fill the threads of all tasks do not hold it
/// up.
public func onOwnThread<Value: Sendable>(
  _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}

/// Waits on this thread until `condition` holds.
///
/// - Throws: ``ProcessError`` after a minute.
public func waitOnThread(until condition: () -> Bool) throws {
  let deadline = ContinuousClock.now + .seconds(60)
  while !condition() {
    guard ContinuousClock.now < deadline else {
      throw ProcessError(status: -1, message: "waited for a minute")
    }
    usleep(1000)
  }
}
