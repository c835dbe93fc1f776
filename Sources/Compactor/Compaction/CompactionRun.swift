internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// Works on a bucket until nothing is left to do.
///
///     ┌► sync ─► delete what is due ─► mark duplicates ─► one plan per group ─┐
///     └──────────────────────── as long as a group did work ◄────────────────┘
///
/// A block that cannot be read, or a group that overlaps, is reported and left out; the rest goes
/// on.
struct CompactionRun {
  private let configuration: CompactorConfiguration
  private let bucket: any Bucket
  private let fetcher: CatalogFetcher
  private let environment: CompactorEnvironment
  private let work: WorkDirectory
  private(set) var report = RunReport()

  init(
    configuration: CompactorConfiguration, bucket: any Bucket, fetcher: CatalogFetcher,
    work: WorkDirectory, environment: CompactorEnvironment
  ) {
    self.configuration = configuration
    self.bucket = bucket
    self.fetcher = fetcher
    self.environment = environment
    self.work = work
  }

  private var logger: Logger { environment.logger }

  /// - Throws: ``BucketError`` when the bucket cannot be listed or garbage cannot be marked.
  mutating func run() async throws(BucketError) {
    let work = work
    await onBlockingThread { work.removeAll() }
    var didWork = true
    while didWork, !Task.isCancelled {
      didWork = try await round()
    }
    await onBlockingThread { work.removeAll() }
    environment.metrics.skippedBlocks.set(report.skippedBlocks.count)
    environment.metrics.overlappingGroups.set(report.overlappingGroups.count)
  }

  /// Returns whether a group did work, so that another round may find more.
  private mutating func round() async throws(BucketError) -> Bool {
    let snapshot = try await sync()
    let sweep = DeletionSweep(
      bucket: bucket, delay: DeletionDelay(milliseconds: configuration.deleteDelay),
      environment: environment)
    let (deleted, failures) = await sweep.run(snapshot)
    report.failures += failures
    report.deletedBlocks += deleted.count
    try await markDuplicates(in: snapshot, except: deleted)
    let groups = BlockGroup.groups(of: snapshot.entries.filter { !deleted.contains($0.id) })
    report.overlappingGroups = []
    var didWork = false
    for group in groups where group.blocks.count > 1 {
      if Task.isCancelled { return false }
      if await compact(group) { didWork = true }
    }
    if !didWork {
      let partials = PartialUploads(bucket: bucket, environment: environment)
      report.failures += await partials.remove(from: snapshot)
      environment.metrics.cleanupLoops.increment()
    }
    return didWork
  }

  private func sync() async throws(BucketError) -> CatalogSnapshot {
    let metrics = environment.metrics
    metrics.syncs.increment()
    let start = ContinuousClock.now
    do {
      let snapshot = try await fetcher.fetch()
      metrics.syncSeconds.observe(ContinuousClock.now - start)
      for (state, count) in snapshot.counts { metrics.syncedBlocks(state).set(count) }
      metrics.removedReplicaLabels.set(snapshot.removedReplicaLabels)
      return snapshot
    } catch {
      metrics.syncFailures.increment()
      throw error
    }
  }

  private mutating func markDuplicates(
    in snapshot: CatalogSnapshot, except deleted: Set<BlockID>
  ) async throws(BucketError) {
    let metrics = environment.metrics
    metrics.garbageCollections.increment()
    let start = ContinuousClock.now
    for block in snapshot.duplicates
    where snapshot.deletionMarks[block.id] == nil && !deleted.contains(block.id) {
      let mark = DeletionMark(
        id: block.id, details: "outdated block", time: environment.now() / 1000)
      do {
        guard try await BlockMarking.write(mark, of: block.id, in: bucket) else { continue }
      } catch {
        metrics.garbageCollectionFailures.increment()
        throw error
      }
      metrics.blocksMarked(marker: DeletionMark.fileName, reason: "").increment()
      metrics.garbageCollectedBlocks.increment()
      report.markedDuplicates += 1
      logger.info("marked an outdated block for deletion", metadata: ["block": "\(block.id)"])
    }
    metrics.garbageCollectionSeconds.observe(ContinuousClock.now - start)
  }

  /// Carries out one plan; returns whether it changed the bucket.
  private mutating func compact(_ group: BlockGroup) async -> Bool {
    let metrics = environment.metrics.group(group.key.resolution)
    metrics.runsStarted.increment()
    let overlaps = BlockOverlap.all(in: group.blocks)
    guard overlaps.isEmpty else {
      reportOverlaps(overlaps, in: group)
      metrics.runsCompleted.increment()
      return false
    }
    var failed = false
    while !Task.isCancelled {
      guard let inputs = await plan(group), !inputs.isEmpty else { break }
      let job = CompactionJob(
        inputs: inputs, group: group, bucket: bucket, work: work, environment: environment)
      do {
        switch try await job.run() {
        case .stopped: return false
        case .empty(let blocks):
          logger.info(
            "marked blocks without samples for deletion", metadata: ["blocks": "\(list(blocks))"])
        case .merged(let meta): reportMerged(meta, group)
        }
        metrics.compactions.increment()
        metrics.runsCompleted.increment()
        return true
      } catch {
        failed = true
        metrics.failures.increment()
        guard reportFailure(error, group) else { break }
      }
    }
    if !failed { metrics.runsCompleted.increment() }
    return false
  }

  /// The blocks to merge next, after marking those that stand in the way; nil when that failed.
  private mutating func plan(_ group: BlockGroup) async -> [BlockMeta]? {
    do {
      let sizes = await indexSizes(of: group)
      let plan = try configuration.planner.plan(
        group.blocks, excluding: group.excluded.union(report.skippedBlocks), indexSizes: sizes)
      for mark in plan.marks {
        let written = try await BlockMarking.write(
          NoCompactMark(
            id: mark.id, details: mark.details, time: environment.now() / 1000, reason: mark.reason),
          of: mark.id, in: bucket)
        guard written else { continue }
        environment.metrics.blocksMarked(marker: NoCompactMark.fileName, reason: mark.reason)
          .increment()
        logger.warning(
          "marked a block as not to be compacted",
          metadata: ["block": "\(mark.id)", "reason": "\(mark.reason)"])
      }
      return plan.blocks
    } catch {
      report.failures.append("group \(group.key): \(error)")
      logger.error(
        "cannot plan the group", metadata: ["group": "\(group.key)", "error": "\(error)"])
      return nil
    }
  }

  /// Sizes that no meta.json tells. A block without index is skipped.
  private mutating func indexSizes(of group: BlockGroup) async -> [BlockID: Int64] {
    guard configuration.planner.indexSizeLimit != nil else { return [:] }
    var sizes: [BlockID: Int64] = [:]
    for block in group.blocks where !report.skippedBlocks.contains(block.id) {
      if let file = block.thanos?.files.last(where: { $0.path == "index" }), file.size > 0 {
        continue
      }
      do {
        sizes[block.id] = Int64(
          try await bucket.attributes(ObjectName("\(block.id)/index")).size)
      } catch {
        _ = reportFailure(JobFailure(block: block.id, reason: "\(error)"), group)
      }
    }
    return sizes
  }
}

// MARK: - Reports

extension CompactionRun {
  private mutating func reportOverlaps(_ overlaps: [BlockOverlap], in group: BlockGroup) {
    report.overlappingGroups.append(group.key.description)
    for overlap in overlaps {
      logger.warning(
        "group is left alone because blocks overlap",
        metadata: [
          "group": "\(group.key)", "blocks": "\(list(overlap.blocks))",
          "min_time": "\(overlap.minTime)", "max_time": "\(overlap.maxTime)",
        ])
    }
  }

  private mutating func reportMerged(_ meta: BlockMeta, _ group: BlockGroup) {
    report.mergedBlocks.append(meta.id)
    logger.info(
      "compacted blocks",
      metadata: [
        "group": "\(group.key)", "block": "\(meta.id)", "level": "\(meta.compaction.level)",
        "inputs": "\(list(meta.compaction.parents.map(\.id)))",
        "series": "\(meta.stats.series)", "samples": "\(meta.stats.samples)",
      ])
  }

  /// Returns whether the group can go on without the block.
  private mutating func reportFailure(_ failure: JobFailure, _ group: BlockGroup) -> Bool {
    report.failures.append(failure.description)
    guard let block = failure.block, report.skippedBlocks.insert(block).inserted else {
      logger.error(
        "compaction failed, the group is tried again in the next run",
        metadata: ["group": "\(group.key)", "error": "\(failure)"])
      return false
    }
    logger.error(
      "block cannot be compacted and is skipped in this run",
      metadata: ["group": "\(group.key)", "block": "\(block)", "error": "\(failure.reason)"])
    return true
  }

  private func list(_ blocks: [BlockID]) -> String {
    blocks.map(\.description).joined(separator: ",")
  }
}
