internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// Removes uploads that were given up: directories of blocks without meta.json that nobody has
/// written to for two days.
///
/// A block with a meta.json that cannot be read is not among them: its samples may be fine.
struct PartialUploads: Sendable {
  let bucket: any Bucket
  let environment: CompactorEnvironment

  private static let ageLimit: Int64 = 48 * 3_600_000

  /// - Parameter modified: when the objects of the block were last written, Unix milliseconds; 0 where
  ///   that is not known. Without objects there is nothing to give up.
  static func isAbandoned(_ id: BlockID, modified: [Int64], now: Int64) -> Bool {
    guard let newest = modified.max() else { return false }
    return now - (newest > 0 ? newest : id.timeMilliseconds) > ageLimit
  }

  /// Returns one line for each that could not be removed.
  func remove(from snapshot: CatalogSnapshot) async -> [String] {
    var failures: [String] = []
    for partial in snapshot.partials where partial.state == .noMeta {
      if Task.isCancelled { break }
      do {
        let objects = try await bucket.list(ObjectName(partial.id.description), recursive: true)
        guard
          Self.isAbandoned(
            partial.id, modified: objects.map(\.modifiedMilliseconds), now: environment.now())
        else { continue }
        environment.metrics.partialDeletionAttempts.increment()
        try await BlockDeletion.delete(partial.id, from: bucket)
        environment.metrics.blocksCleaned.increment()
        environment.logger.info(
          "removed an upload that was given up", metadata: ["block": "\(partial.id)"])
      } catch {
        failures.append("\(error)")
        environment.metrics.blockCleanupFailures.increment()
        environment.logger.error(
          "cannot remove an upload that was given up",
          metadata: ["block": "\(partial.id)", "error": "\(error)"])
      }
    }
    return failures
  }
}
