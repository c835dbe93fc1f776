internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// Compacts until no group finds anything to do.
///
///     ┌► sync ─► delete what is due ─► mark duplicates ─► one plan per group ─┐
///     └──────────────────────── as long as a group did work ◄────────────────┘
///
/// A block that cannot be read, or a group that overlaps, is reported and left out; the rest goes
/// on.
struct CompactionPass: Sendable {
  let configuration: CompactorConfiguration
  let bucket: any Bucket
  let view: BucketView
  let work: WorkDirectory
  let leases: Leases
  let environment: CompactorEnvironment

  /// Adds to `report` what was done, also when it throws.
  ///
  /// - Throws: ``BucketError`` when the bucket cannot be listed or garbage cannot be marked.
  func run(_ report: inout RunReport) async throws(BucketError) {
    var didWork = true
    while didWork, !Task.isCancelled { didWork = try await round(&report) }
  }

  /// Returns whether a group did work, so that another round may find more.
  private func round(_ report: inout RunReport) async throws(BucketError) -> Bool {
    let snapshot = try await view.fetch()
    let sweep = DeletionSweep(
      bucket: bucket, delay: DeletionDelay(milliseconds: configuration.deleteDelay),
      environment: environment)
    let (deleted, failures) = await sweep.run(snapshot)
    report.failures += failures
    report.deletedBlocks += deleted.count
    try await markDuplicates(in: snapshot, except: deleted, &report)
    report.overlappingGroups = []
    let groups = BlockGroup.groups(of: snapshot.entries.filter { !deleted.contains($0.id) })
    await work.retain(.compaction, Set(groups.map(\.key.description)))
    let skipped = report.skippedBlocks
    let marked = Set(snapshot.deletionMarks.keys)
    let blocks = snapshot.entries.map(\.meta)
    let outcomes = await inParallel(
      groups.filter { $0.blocks.count > 1 }, limit: configuration.groupConcurrency
    ) { group in
      guard !Task.isCancelled else { return GroupCompaction.Outcome() }
      let compaction = GroupCompaction(
        group: group, blocks: blocks, skipped: skipped, marked: marked,
        configuration: configuration,
        bucket: bucket, work: work, leases: leases, environment: environment)
      return await compaction.run()
    }
    for outcome in outcomes { report.add(outcome.report) }
    return !Task.isCancelled && outcomes.contains(where: \.didWork)
  }

  private func markDuplicates(
    in snapshot: CatalogSnapshot, except deleted: Set<BlockID>, _ report: inout RunReport
  ) async throws(BucketError) {
    let metrics = environment.metrics
    metrics.garbageCollections.increment()
    let start = ContinuousClock.now
    let marking = Marking(bucket: bucket, environment: environment)
    for block in snapshot.duplicates
    where snapshot.deletionMarks[block.id] == nil && !deleted.contains(block.id) {
      do {
        guard try await marking.delete(block.id, details: "outdated block") else { continue }
      } catch {
        metrics.garbageCollectionFailures.increment()
        throw error
      }
      metrics.garbageCollectedBlocks.increment()
      report.markedDuplicates += 1
      environment.logger.info(
        "marked an outdated block for deletion", metadata: ["block": "\(block.id)"])
    }
    metrics.garbageCollectionSeconds.observe(ContinuousClock.now - start)
  }
}
