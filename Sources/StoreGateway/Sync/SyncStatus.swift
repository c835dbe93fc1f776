internal import Synchronization

/// How the last looks at the bucket ended, for people.
final class SyncStatus: Sendable {
  private struct State {
    var refreshed: Int64 = 0
    var failure: String?
  }

  private let state = Mutex(State())

  /// When the bucket was seen last, Unix milliseconds; 0 before the first time.
  var refreshed: Int64 { state.withLock { $0.refreshed } }
  /// Why the last look failed.
  var failure: String? { state.withLock { $0.failure } }

  func succeeded(now: Int64) { state.withLock { $0 = State(refreshed: now) } }
  func failed(_ reason: String) { state.withLock { $0.failure = reason } }
}
