internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// Everything there is to do in a bucket, once.
///
///     compaction ─► raw to 5 min ─► 5 min to 1 h ─► retention ─► uploads that were given up
///
/// What fails in one step does not keep the next ones from their work.
struct Iteration: Sendable {
  let configuration: CompactorConfiguration
  let bucket: any Bucket
  let view: BucketView
  let work: WorkDirectory
  let leases: Leases
  let environment: CompactorEnvironment

  /// - Throws: ``BucketError`` when the bucket cannot be listed, or outdated blocks cannot be marked.
  func run() async throws(BucketError) -> RunReport {
    let work = work
    await onBlockingThread { work.tidy() }
    var report = RunReport()
    var failure: BucketError?
    do {
      let compaction = CompactionPass(
        configuration: configuration, bucket: bucket, view: view, work: work,
        leases: leases, environment: environment)
      try await compaction.run(&report)
    } catch {
      failure = error
    }
    if failure == nil || !configuration.haltsOnError { try await afterCompaction(&report) }
    let isOver = failure == nil && report.isClean && !Task.isCancelled
    await onBlockingThread { if isOver { work.removeAll() } else { work.tidy() } }
    environment.metrics.skippedBlocks.set(report.skippedBlocks.count)
    environment.metrics.overlappingGroups.set(report.overlappingGroups.count)
    if let failure { throw failure }
    return report
  }

  private func afterCompaction(_ report: inout RunReport) async throws(BucketError) {
    if configuration.haltsOnError, !report.isClean { return }
    if configuration.downsamples {
      let pass = DownsamplingPass(
        configuration: configuration, bucket: bucket, work: work, leases: leases,
        environment: environment)
      // The second time finds blocks that the first one made.
      for _ in 0..<2 where !Task.isCancelled {
        report.add(await pass.run(try await view.fetch(), skipping: report.skippedBlocks))
      }
    }
    guard !Task.isCancelled else { return }
    let snapshot = try await view.fetch()
    let retention = RetentionPass(
      policy: configuration.retention, bucket: bucket, environment: environment)
    report.add(await retention.run(snapshot))
    let partials = PartialUploads(bucket: bucket, environment: environment)
    report.failures += await partials.remove(from: snapshot)
    environment.metrics.cleanupLoops.increment()
  }
}
