internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import TSDBBlock

/// Marks blocks for deletion whose retention is over.
struct RetentionPass: Sendable {
  let policy: RetentionPolicy
  let bucket: any Bucket
  let environment: CompactorEnvironment

  func run(_ snapshot: CatalogSnapshot) async -> RunReport {
    var report = RunReport()
    let marking = Marking(bucket: bucket, environment: environment)
    for entry in snapshot.entries where policy.isOver(entry.meta, now: environment.now()) {
      if Task.isCancelled { break }
      guard entry.deletionMark == nil else { continue }
      do {
        guard try await marking.delete(entry.id, details: policy.details(for: entry.meta)) else {
          continue
        }
        report.expiredBlocks += 1
        environment.logger.info(
          "marked a block whose retention is over",
          metadata: [
            "block": "\(entry.id)", "resolution": "\(entry.meta.resolution)",
            "max_time": "\(entry.meta.maxTime)",
          ])
      } catch {
        report.failures.append("\(error)")
        environment.logger.error(
          "cannot mark a block whose retention is over",
          metadata: ["block": "\(entry.id)", "error": "\(error)"])
      }
    }
    return report
  }
}
