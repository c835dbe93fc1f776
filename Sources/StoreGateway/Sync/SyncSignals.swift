/// Something that happens once, and that one task waits for.
struct OneTimeEvent: Sendable {
  private let stream: AsyncStream<Never>
  private let continuation: AsyncStream<Never>.Continuation

  init() {
    (stream, continuation) = AsyncStream.makeStream()
  }

  func happen() {
    continuation.finish()
  }

  /// - Throws: `CancellationError`.
  func wait() async throws {
    for await _ in stream {}
    try Task.checkCancellation()
  }
}

/// Wishes for a sync before its time; many that come at once are one.
struct SyncRequests: Sendable {
  /// For one task.
  let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() {
    (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  func request() {
    continuation.yield()
  }
}

/// Lets one task at a time through, in the order of arrival. Belongs to an actor.
struct Turns {
  private var isTaken = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// False when it is another one's turn: ``wait(_:)`` then.
  mutating func take() -> Bool {
    guard !isTaken else { return false }
    isTaken = true
    return true
  }

  mutating func wait(_ continuation: CheckedContinuation<Void, Never>) {
    waiting.append(continuation)
  }

  mutating func give() {
    guard !waiting.isEmpty else {
      isTaken = false
      return
    }
    waiting.removeFirst().resume()
  }
}
