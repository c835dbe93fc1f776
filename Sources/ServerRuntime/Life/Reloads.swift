public import Logging
internal import Synchronization

/// What is read again at SIGHUP and at `POST /-/reload`, by name.
///
/// Each part succeeds or fails for itself: one that fails keeps what it had, and the log says why.
public final class Reloads: Sendable {
  public typealias Action = @Sendable () async throws -> Void

  private struct State {
    var actions: [(name: String, action: Action)] = []
    var isRunning = false
    /// Somebody asked while a reload was running: what that read may be old.
    var isWanted = false
    var waiting: [CheckedContinuation<[String], Never>] = []
  }

  private let state = Mutex(State())
  private let logger: Logger

  public init(logger: Logger) { self.logger = logger }

  /// Adds a part.
  ///
  /// - Parameters:
  ///   - name: what the part is, for the log: "the relabel selector".
  ///   - action: reads it again; throws, and changes nothing, when it cannot.
  public func register(_ name: String, action: @escaping Action) {
    state.withLock { $0.actions.append((name, action)) }
  }

  /// Reads everything again and returns the failures, one line each.
  ///
  /// Calls during a reload wait for one more, which all of them share.
  public func run() async -> [String] {
    let isFirst = state.withLock { state in
      if state.isRunning { return false }
      state.isRunning = true
      return true
    }
    guard isFirst else {
      return await withCheckedContinuation { continuation in
        let isLate = state.withLock { state in
          guard state.isRunning else { return true }
          state.isWanted = true
          state.waiting.append(continuation)
          return false
        }
        // The reload ended between the two looks.
        if isLate { Task { continuation.resume(returning: await run()) } }
      }
    }
    let failures = await runOnce()
    while true {
      let waiting = state.withLock { state -> [CheckedContinuation<[String], Never>]? in
        guard state.isWanted else {
          state.isRunning = false
          return nil
        }
        state.isWanted = false
        defer { state.waiting = [] }
        return state.waiting
      }
      guard let waiting else { return failures }
      let later = await runOnce()
      for continuation in waiting { continuation.resume(returning: later) }
    }
  }

  private func runOnce() async -> [String] {
    var failures: [String] = []
    let actions = state.withLock { $0.actions }
    for (name, action) in actions {
      do {
        try await action()
        logger.info("reloaded", metadata: ["what": "\(name)"])
      } catch {
        logger.error(
          "cannot reload; what was read before stays",
          metadata: ["what": "\(name)", "error": "\(error)"])
        failures.append("\(name): \(error)")
      }
    }
    if actions.isEmpty {
      logger.info("nothing to reload: no configuration comes from a file")
    }
    return failures
  }
}
