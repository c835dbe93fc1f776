internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// Downsamples every block of a bucket that is due, once.
///
/// A block that cannot be downsampled does not keep the others from it.
struct DownsamplingPass: Sendable {
  let configuration: CompactorConfiguration
  let bucket: any Bucket
  let work: WorkDirectory
  let leases: Leases
  let environment: CompactorEnvironment

  func run(_ snapshot: CatalogSnapshot, skipping skipped: Set<BlockID>) async -> RunReport {
    let excluded = snapshot.entries.filter { $0.noDownsampleMark != nil }.map(\.id)
    let due = DownsamplingPlanner.plan(snapshot.entries.map(\.meta), excluding: Set(excluded))
    await work.retain(.downsampling, Set(due.map(\.block.id.description)))
    let tasks = due.filter { !skipped.contains($0.block.id) }
    let groups = Dictionary(grouping: tasks) { GroupKey($0.block) }.sorted { $0.key < $1.key }
    let reports = await inParallel(
      groups, limit: configuration.downsampleConcurrency
    ) { group in await run(group.value, of: group.key) }
    var report = RunReport()
    for part in reports { report.add(part) }
    return report
  }

  /// One block after the other: each is worked on by all threads.
  private func run(_ tasks: [DownsamplingPlanner.Task], of group: GroupKey) async -> RunReport {
    do {
      let report = try await leases.holding("downsampling-\(group)") {
        lease async throws(JobFailure) -> RunReport in
        var report = RunReport()
        for task in tasks where !Task.isCancelled { report.add(await run(task, lease)) }
        return report
      }
      if let report { return report }
      environment.logger.info(
        "another compactor downsamples the group", metadata: ["group": "\(group)"])
      return RunReport()
    } catch {
      var report = RunReport()
      report.failures = [error.description]
      environment.logger.error(
        "cannot downsample the group", metadata: ["group": "\(group)", "error": "\(error)"])
      return report
    }
  }

  private func run(_ task: DownsamplingPlanner.Task, _ lease: Lease) async -> RunReport {
    var report = RunReport()
    let metrics = environment.metrics.downsampling(task.block.resolution)
    let start = ContinuousClock.now
    let job = DownsampleJob(
      task: task, bucket: bucket, work: work, lease: lease, environment: environment)
    do {
      guard let meta = try await job.run() else { return report }
      metrics.seconds.observe(ContinuousClock.now - start)
      report.downsampledBlocks = [meta.id]
      environment.logger.info(
        "downsampled a block",
        metadata: [
          "block": "\(meta.id)", "from": "\(task.block.id)", "resolution": "\(task.resolution)",
          "series": "\(meta.stats.series)", "samples": "\(meta.stats.samples)",
        ])
    } catch {
      metrics.failures.increment()
      await note(error, of: task.block.id, in: &report)
    }
    // Attempts are counted, as the reference does.
    metrics.runs.increment()
    return report
  }

  private func note(
    _ failure: JobFailure, of block: BlockID, in report: inout RunReport
  ) async {
    report.failures.append(failure.description)
    report.skippedBlocks.insert(block)
    environment.logger.error(
      "block cannot be downsampled",
      metadata: ["block": "\(block)", "error": "\(failure.reason)"])
    guard failure.damage != nil, !configuration.haltsOnError else { return }
    let marking = Marking(bucket: bucket, environment: environment)
    do {
      try await marking.excludeFromDownsampling(
        block, reason: failure.markReason, details: failure.markDetails)
    } catch {
      report.failures.append("\(error)")
    }
  }
}
