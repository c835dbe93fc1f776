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

  /// The uploads that were given up, and one line for each block that could not be looked at.
  func abandoned(in snapshot: CatalogSnapshot) async -> (ids: [BlockID], failures: [String]) {
    var ids: [BlockID] = []
    var failures: [String] = []
    for partial in snapshot.partials where partial.state == .noMeta {
      if Task.isCancelled { break }
      do {
        let objects = try await bucket.list(ObjectName(partial.id.description), recursive: true)
        let modified = objects.map(\.modifiedMilliseconds)
        if Self.isAbandoned(partial.id, modified: modified, now: environment.now()) {
          ids.append(partial.id)
        }
      } catch {
        failures.append("\(error)")
        note(partial.id, error)
      }
    }
    return (ids, failures)
  }

  /// Returns one line for each that could not be removed.
  func remove(from snapshot: CatalogSnapshot) async -> [String] {
    var (ids, failures) = await abandoned(in: snapshot)
    for id in ids {
      if Task.isCancelled { break }
      do {
        environment.metrics.partialDeletionAttempts.increment()
        try await BlockDeletion.delete(id, from: bucket)
        environment.metrics.blocksCleaned.increment()
        environment.logger.info("removed an upload that was given up", metadata: ["block": "\(id)"])
      } catch {
        failures.append("\(error)")
        note(id, error)
      }
    }
    return failures
  }

  private func note(_ id: BlockID, _ error: any Error) {
    environment.metrics.blockCleanupFailures.increment()
    environment.logger.error(
      "cannot remove an upload that was given up",
      metadata: ["block": "\(id)", "error": "\(error)"])
  }
}
