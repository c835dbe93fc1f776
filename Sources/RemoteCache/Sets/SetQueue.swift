internal import Synchronization

/// A value that waits to be sent to a cache.
struct PendingSet: Sendable {
  var key: String
  var value: [UInt8]
  var lifetime: Duration
}

/// Sends values to a cache behind the back of whoever has them: a query does not wait for a cache
/// to take what the query found.
///
/// What finds no room is left out. Tasks run only while there is something to send.
final class SetQueue: Sendable {
  /// Sends some values. Notes failures itself.
  typealias Send = @Sendable (_ batch: [PendingSet]) async -> Void

  private struct State {
    var pending: [PendingSet] = []
    /// Those before it were taken.
    var first = 0
    var byteCount = 0
    var senders = 0
  }

  private let countLimit: Int
  private let byteLimit: Int
  private let senderLimit: Int
  private let batchSize: Int
  private let send: Send
  private let state = Mutex(State())

  /// Values that wait may take so much memory together, whatever their number.
  static let byteLimit = 128 << 20

  init(
    countLimit: Int, byteLimit: Int = SetQueue.byteLimit, concurrency: Int, batchSize: Int,
    send: @escaping Send
  ) {
    self.countLimit = countLimit
    self.byteLimit = byteLimit
    senderLimit = max(concurrency, 1)
    self.batchSize = max(batchSize, 1)
    self.send = send
  }

  /// Values that wait.
  var count: Int { state.withLock { $0.pending.count - $0.first } }

  /// Adds a value that will be sent soon.
  ///
  /// - Returns: whether there was room.
  func append(_ set: PendingSet) -> Bool {
    let (isTaken, begins) = state.withLock { state in
      guard state.pending.count - state.first < countLimit,
        state.byteCount + set.value.count <= byteLimit
      else { return (false, false) }
      state.pending.append(set)
      state.byteCount += set.value.count
      guard state.senders < senderLimit else { return (true, false) }
      state.senders += 1
      return (true, true)
    }
    if begins { Task.detached { await self.sendAll() } }
    return isTaken
  }

  private func sendAll() async {
    while let batch = takeBatch() { await send(batch) }
  }

  /// The next values; nil when there are none, and then this sender has ended.
  private func takeBatch() -> [PendingSet]? {
    state.withLock { state in
      let end = min(state.first + batchSize, state.pending.count)
      guard state.first < end else {
        state.senders -= 1
        return nil
      }
      let batch = Array(state.pending[state.first..<end])
      for set in batch { state.byteCount -= set.value.count }
      state.first = end
      if state.first == state.pending.count {
        state.pending = []
        state.first = 0
      } else if state.first >= 1024 {
        state.pending.removeFirst(state.first)
        state.first = 0
      }
      return batch
    }
  }
}
