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
  let environment: CompactorEnvironment

  func run(_ snapshot: CatalogSnapshot, skipping skipped: Set<BlockID>) async -> RunReport {
    let excluded = snapshot.entries.filter { $0.noDownsampleMark != nil }.map(\.id)
    let tasks = DownsamplingPlanner.plan(
      snapshot.entries.map(\.meta), excluding: skipped.union(excluded))
    let reports = await inParallel(tasks, limit: configuration.downsampleConcurrency) { task in
      await run(task)
    }
    var report = RunReport()
    for part in reports { report.add(part) }
    return report
  }

  private func run(_ task: DownsamplingPlanner.Task) async -> RunReport {
    var report = RunReport()
    guard !Task.isCancelled else { return report }
    let metrics = environment.metrics.downsampling(task.block.resolution)
    let start = ContinuousClock.now
    let job = DownsampleJob(task: task, bucket: bucket, work: work, environment: environment)
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
