internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// Carries out one plan of a group.
///
///     overlaps? ─► plan ─► marks ─► merge ──► done
///                    ▲                │
///                    └─ without the block that is to blame
struct GroupCompaction: Sendable {
  let group: BlockGroup
  /// All blocks of the bucket, of any group.
  let blocks: [BlockMeta]
  /// Blocks to leave out.
  let skipped: Set<BlockID>
  /// Blocks that had a deletion mark at the last look.
  let marked: Set<BlockID>
  let configuration: CompactorConfiguration
  let bucket: any Bucket
  let work: WorkDirectory
  let leases: Leases
  let environment: CompactorEnvironment

  /// What became of the group.
  struct Outcome: Sendable {
    var report = RunReport()
    /// Whether the bucket was changed, so that another plan may be found.
    var didWork = false
  }

  func run() async -> Outcome {
    var outcome = Outcome()
    let metrics = environment.metrics.group(group.key.resolution)
    metrics.runsStarted.increment()
    let overlaps = configuration.mergesOverlaps ? [] : BlockOverlap.all(in: group.blocks)
    guard overlaps.isEmpty else {
      note(overlaps, in: &outcome.report)
      metrics.runsCompleted.increment()
      return outcome
    }
    var failed = false
    while !Task.isCancelled {
      guard let inputs = await plan(&outcome.report) else { break }
      guard !inputs.isEmpty else {
        await work.remove(work.job(.compaction, group.key.description))
        break
      }
      do {
        switch try await compact(inputs, metrics, &outcome.report) {
        case .stopped: return outcome
        // What others are at needs no second look, what they have done does.
        case .busy: break
        case .outdated: outcome.didWork = true
        case .done:
          outcome.didWork = true
          metrics.compactions.increment()
        }
        metrics.runsCompleted.increment()
        return outcome
      } catch {
        failed = true
        metrics.failures.increment()
        guard await note(error, in: &outcome.report) else { break }
      }
    }
    if !failed { metrics.runsCompleted.increment() }
    return outcome
  }

  private enum Step {
    case done
    /// The task was cancelled.
    case stopped
    /// Another compactor works on the group.
    case busy
    /// Another compactor has meanwhile done the work.
    case outdated
  }

  private func compact(
    _ inputs: [BlockMeta], _ metrics: CompactorMetrics.Group, _ report: inout RunReport
  ) async throws(JobFailure) -> Step {
    let isVertical = !BlockOverlap.firstRun(in: inputs).isEmpty
    let outcome = try await leases.holding(group.key.description) {
      lease async throws(JobFailure) -> CompactionJob.Outcome? in
      guard try await areCurrent(inputs) else { return nil }
      let job = CompactionJob(
        inputs: inputs, group: group, overlaps: configuration.overlaps,
        downsampling: DownsamplingForecast.resolution(
          ofMerging: inputs, in: group, among: blocks, configuration),
        bucket: bucket, work: work, lease: lease, environment: environment)
      return try await job.run()
    }
    switch outcome {
    case nil:
      environment.logger.info(
        "another compactor works on the group", metadata: ["group": "\(group.key)"])
      return .busy
    case .some(nil): return .outdated
    case .some(.stopped): return .stopped
    case .some(.empty(let blocks)):
      environment.logger.info(
        "marked blocks without samples for deletion", metadata: ["blocks": "\(list(blocks))"])
      return .done
    case .some(.merged(let meta)):
      if isVertical { metrics.verticalCompactions.increment() }
      note(meta, isVertical, in: &report)
      return .done
    }
  }

  /// Whether the blocks are still there and not marked by another compactor since the last look.
  private func areCurrent(_ inputs: [BlockMeta]) async throws(JobFailure) -> Bool {
    do {
      for input in inputs {
        let id = input.id
        guard try await bucket.exists(Lease.objectName("\(id)/\(BlockMeta.fileName)")) else {
          return false
        }
        let isMarked = try await bucket.exists(
          Lease.objectName("\(id)/\(DeletionMark.fileName)"))
        if isMarked, !marked.contains(id) { return false }
      }
      return true
    } catch {
      throw JobFailure(block: nil, reason: error.description)
    }
  }

  /// The blocks to merge next, after marking those that stand in the way; nil when that failed.
  private func plan(_ report: inout RunReport) async -> [BlockMeta]? {
    do {
      let sizes = await indexSizes(&report)
      let left = skipped.union(report.skippedBlocks)
      let plan = try configuration.planner.plan(
        group.blocks, excluding: group.excluded.union(left), indexSizes: sizes)
      let marking = Marking(bucket: bucket, environment: environment)
      for mark in plan.marks {
        try await marking.exclude(mark.id, reason: mark.reason, details: mark.details)
      }
      return plan.blocks
    } catch {
      report.failures.append("group \(group.key): \(error)")
      environment.logger.error(
        "cannot plan the group", metadata: ["group": "\(group.key)", "error": "\(error)"])
      return nil
    }
  }

  /// Sizes that no meta.json tells. A block without index is skipped.
  private func indexSizes(_ report: inout RunReport) async -> [BlockID: Int64] {
    guard configuration.planner.indexSizeLimit != nil else { return [:] }
    var sizes: [BlockID: Int64] = [:]
    for block in group.blocks
    where !skipped.contains(block.id) && !report.skippedBlocks.contains(block.id) {
      if let file = block.thanos?.files.last(where: { $0.path == "index" }), file.size > 0 {
        continue
      }
      do {
        sizes[block.id] = Int64(
          try await bucket.attributes(ObjectName("\(block.id)/index")).size)
      } catch {
        _ = await note(JobFailure(block: block.id, reason: "\(error)"), in: &report)
      }
    }
    return sizes
  }
}

// MARK: - Reports

extension GroupCompaction {
  private func note(_ overlaps: [BlockOverlap], in report: inout RunReport) {
    report.overlappingGroups.append(group.key.description)
    for overlap in overlaps {
      environment.logger.warning(
        "group is left alone because blocks overlap",
        metadata: [
          "group": "\(group.key)", "blocks": "\(list(overlap.blocks))",
          "min_time": "\(overlap.minTime)", "max_time": "\(overlap.maxTime)",
        ])
    }
  }

  private func note(_ meta: BlockMeta, _ isVertical: Bool, in report: inout RunReport) {
    report.mergedBlocks.append(meta.id)
    environment.logger.info(
      "compacted blocks",
      metadata: [
        "group": "\(group.key)", "block": "\(meta.id)", "level": "\(meta.compaction.level)",
        "inputs": "\(list(meta.compaction.parents.map(\.id)))", "vertical": "\(isVertical)",
        "series": "\(meta.stats.series)", "samples": "\(meta.stats.samples)",
      ])
  }

  /// Returns whether the group can go on without the block.
  private func note(_ failure: JobFailure, in report: inout RunReport) async -> Bool {
    report.failures.append(failure.description)
    guard let block = failure.block, report.skippedBlocks.insert(block).inserted else {
      environment.logger.error(
        "compaction failed, the group is tried again in the next run",
        metadata: ["group": "\(group.key)", "error": "\(failure)"])
      return false
    }
    environment.logger.error(
      "block cannot be compacted and is skipped",
      metadata: ["group": "\(group.key)", "block": "\(block)", "error": "\(failure.reason)"])
    guard failure.damage != nil, !configuration.haltsOnError else { return true }
    let marking = Marking(bucket: bucket, environment: environment)
    do {
      try await marking.exclude(block, reason: failure.markReason, details: failure.markDetails)
    } catch {
      report.failures.append("\(error)")
    }
    return true
  }

  private func list(_ blocks: [BlockID]) -> String {
    blocks.map(\.description).joined(separator: ",")
  }
}
