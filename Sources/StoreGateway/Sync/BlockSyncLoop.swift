internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import ServiceLifecycle
internal import Telemetry

/// Syncs at start until the bucket could be seen, then at every interval, and in between when
/// something is known to have changed.
struct BlockSyncLoop: Sendable {
  /// Between a sync that failed and the next one, and at least between two out of turn.
  private static let retryInterval = Duration.seconds(10)
  /// How long blocks are waited for once it is known which there are.
  private static let patience = Duration.seconds(5)

  let sync: BlockSync
  /// Notices changes in a bucket with local files; nil for others.
  let watch: BlockWatch?
  let interval: Duration
  var status = SyncStatus()
  let logger: Logger

  /// Returns when it is time to answer calls: all blocks of the first sync are open, or have been
  /// waited for long enough. Those that are not open yet are served as they become so.
  func waitUntilReady() async throws {
    try await sync.catalogIsKnown.wait()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await sync.firstLoadIsDone.wait() }
      group.addTask { try await Task.sleep(for: Self.patience) }
      try await group.next()
      group.cancelAll()
    }
  }

  /// Runs until it is cancelled.
  ///
  /// - Throws: ``BucketError`` when the bucket cannot be seen at start and asking again cannot help.
  func run() async throws {
    await watch?.begin()
    let isComplete = try await firstSync()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await syncAtIntervals(wasGood: isComplete) }
      group.addTask { try await syncOnRequest() }
      if let watch { group.addTask { await watch.run() } }
      try await group.waitForAll()
    }
  }

  /// A bucket that is away for a moment is asked again, for as long as it takes: what Thanos does,
  /// to exit after half a minute, only makes somebody start it again.
  private func firstSync() async throws -> Bool {
    while true {
      do throws(BucketError) {
        return isGood(try await sync.run())
      } catch {
        try Task.checkCancellation()
        guard error.code == .transient else { throw error }
        log("\(error)")
        try await Task.sleep(for: Self.retryInterval)
      }
    }
  }

  private func syncAtIntervals(wasGood: Bool) async throws {
    await watch?.watchAll()
    var wasGood = wasGood
    while true {
      try await Task.sleep(for: wasGood ? interval : min(interval, Self.retryInterval))
      wasGood = try await syncOnce()
    }
  }

  func syncOnRequest() async throws {
    for await _ in sync.requests.stream {
      _ = try await syncOnce()
      try await Task.sleep(for: Self.retryInterval)
    }
  }

  private func syncOnce() async throws -> Bool {
    do throws(BucketError) {
      let gap = try await sync.run()
      await watch?.watchAll()
      return isGood(gap)
    } catch {
      try Task.checkCancellation()
      log("\(error)")
      return false
    }
  }

  /// False when it is worth looking again soon.
  private func isGood(_ gap: IncompleteView?) -> Bool {
    guard let gap else {
      status.succeeded(now: WallClock.milliseconds())
      return true
    }
    log("\(gap)")
    return !gap.isTransient
  }

  private func log(_ problem: String) {
    status.failed(problem)
    logger.error("cannot sync all blocks; trying again later", metadata: ["error": "\(problem)"])
  }
}
