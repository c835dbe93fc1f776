internal import Logging
internal import ObjectStore
internal import ServiceLifecycle

/// Syncs at start until one sync has succeeded, then at every interval.
struct BlockSyncLoop: Sendable {
  private static let retryInterval = Duration.seconds(10)

  let sync: BlockSync
  let interval: Duration
  let logger: Logger

  /// Returns when the first sync has succeeded, which is when there is something to serve.
  ///
  /// A bucket that is away for a moment is asked again.
  ///
  /// - Throws: ``BucketError`` when asking again cannot help; `CancellationError` at shutdown.
  func firstSync() async throws {
    while true {
      do throws(BucketError) {
        return try await sync.run()
      } catch {
        try Task.checkCancellation()
        guard error.code == .transient else { throw error }
        log(error)
        try await Task.sleep(for: Self.retryInterval)
      }
    }
  }

  /// Syncs at every interval until it is cancelled.
  func run() async throws {
    while true {
      try await Task.sleep(for: interval)
      do throws(BucketError) {
        try await sync.run()
      } catch {
        try Task.checkCancellation()
        log(error)
      }
    }
  }

  private func log(_ error: BucketError) {
    logger.error("cannot sync blocks; trying again later", metadata: ["error": "\(error)"])
  }
}
