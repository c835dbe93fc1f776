internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// Deletes blocks whose deletion mark is older than the delay.
struct DeletionSweep: Sendable {
  let bucket: any Bucket
  let delay: DeletionDelay
  let environment: CompactorEnvironment

  /// Returns the blocks that are gone, and one line for each that could not be deleted; it is tried
  /// again in the next run.
  func run(_ snapshot: CatalogSnapshot) async -> (deleted: Set<BlockID>, failures: [String]) {
    var deleted: Set<BlockID> = []
    var failures: [String] = []
    for id in due(in: snapshot) {
      if Task.isCancelled { break }
      do {
        try await BlockDeletion.delete(id, from: bucket)
        deleted.insert(id)
        environment.metrics.blocksCleaned.increment()
        environment.logger.info("deleted a marked block", metadata: ["block": "\(id)"])
      } catch {
        failures.append("\(error)")
        environment.metrics.blockCleanupFailures.increment()
        environment.logger.error(
          "cannot delete a marked block", metadata: ["block": "\(id)", "error": "\(error)"])
      }
    }
    return (deleted, failures)
  }

  /// Marked blocks, and remains of deletions that were interrupted.
  func due(in snapshot: CatalogSnapshot) -> [BlockID] {
    let now = environment.now()
    let marked = snapshot.deletionMarks.filter { delay.isOver($0.value, now: now) }.keys
    let remains = snapshot.partials.filter { partial in
      guard partial.state == .noMeta, let mark = partial.deletionMark else { return false }
      return delay.isOver(mark, now: now)
    }
    return (marked + remains.map(\.id)).sorted()
  }
}
