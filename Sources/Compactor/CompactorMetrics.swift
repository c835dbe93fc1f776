internal import BlockCatalog
public import Telemetry

/// The metrics of a compactor, under the names of the reference.
public struct CompactorMetrics: Sendable {
  let iterations: Counter
  let halted: Gauge
  let retries: Counter
  let cleanupLoops: Counter
  let blocksCleaned: Counter
  let blockCleanupFailures: Counter
  let partialDeletionAttempts: Counter
  let garbageCollectedBlocks: Counter
  let garbageCollections: Counter
  let garbageCollectionFailures: Counter
  let garbageCollectionSeconds: Histogram
  let merges: MergeMetrics
  /// Looks at the bucket.
  let catalog: CatalogMetrics
  /// Groups with overlapping blocks, which are not compacted.
  let overlappingGroups: Gauge
  /// Blocks left out of the last run because they could not be read or merged.
  let skippedBlocks: Gauge
  private let todoCompactions: Gauge
  private let todoCompactionBlocks: Gauge
  private let todoDownsampleBlocks: Gauge
  private let todoDeletionBlocks: Gauge
  private let registry: MetricRegistry

  public init(registry: MetricRegistry) {
    self.registry = registry
    func counter(_ name: String, _ help: String) -> Counter {
      registry.counter("thanos_\(name)", help: help)
    }
    iterations = counter(
      "compact_iterations_total", "Total number of iterations that were executed successfully.")
    halted = registry.gauge(
      "thanos_compact_halted",
      help: "Set to 1 if the compactor halted due to an unexpected error.")
    retries = counter(
      "compact_retries_total", "Total number of retries after retriable compactor error.")
    cleanupLoops = counter(
      "compact_block_cleanup_loops_total",
      "Total number of concurrent cleanup loops of partially uploaded blocks and marked blocks.")
    blocksCleaned = counter(
      "compact_blocks_cleaned_total", "Total number of blocks deleted in compactor.")
    blockCleanupFailures = counter(
      "compact_block_cleanup_failures_total",
      "Failures encountered while deleting blocks in compactor.")
    partialDeletionAttempts = counter(
      "compact_aborted_partial_uploads_deletion_attempts_total",
      "Total number of started deletions of blocks that are assumed aborted and only partial.")
    garbageCollectedBlocks = counter(
      "compact_garbage_collected_blocks_total",
      "Total number of blocks marked for deletion by compactor.")
    garbageCollections = counter(
      "compact_garbage_collection_total", "Total number of garbage collection operations.")
    garbageCollectionFailures = counter(
      "compact_garbage_collection_failures_total",
      "Total number of failed garbage collection operations.")
    garbageCollectionSeconds = registry.histogram(
      "thanos_compact_garbage_collection_duration_seconds",
      help: "Time it took to perform garbage collection iteration.",
      bounds: [0.01, 0.1, 0.3, 0.6, 1, 3, 6, 9, 20, 30, 60, 90, 120, 240, 360, 720])
    merges = MergeMetrics(registry)
    catalog = CatalogMetrics(registry, showsCompactionMarks: true)
    overlappingGroups = registry.gauge(
      "blockhouse_compact_overlapping_groups",
      help: "Groups with overlapping blocks, which are not compacted.")
    skippedBlocks = registry.gauge(
      "blockhouse_compact_skipped_blocks",
      help: "Blocks left out of the last run because they could not be read or merged.")
    func todo(_ name: String, _ help: String) -> Gauge {
      registry.gauge("thanos_compact_todo_\(name)", help: help)
    }
    todoCompactions = todo("compactions", "number of compactions to be done")
    todoCompactionBlocks = todo(
      "compaction_blocks", "number of blocks planned to be compacted")
    todoDownsampleBlocks = todo(
      "downsample_blocks", "number of blocks to be downsampled")
    todoDeletionBlocks = todo(
      "deletion_blocks", "number of blocks that have crossed their retention period")
    prepareLabelled()
  }

  /// How much is left to do.
  func set(_ work: PendingWork) {
    todoCompactions.set(work.compactions.count)
    todoCompactionBlocks.set(work.compactions.reduce(0) { $0 + $1.inputs.count })
    todoDownsampleBlocks.set(work.downsampling.count)
    todoDeletionBlocks.set(work.expired.count)
  }

  /// Series that exist from the start, so that rates over them see the first increment.
  private func prepareLabelled() {
    for resolution in [0, 300_000, 3_600_000] as [Int64] { _ = group(resolution) }
    for resolution in [0, 300_000] as [Int64] { _ = downsampling(resolution) }
    let deletions = blocksMarked(marker: "deletion-mark.json", reason: "")
    for reason in ["block-index-out-of-order-chunk", "index-size-exceeding"] {
      _ = blocksMarked(marker: "no-compact-mark.json", reason: reason)
    }
    prepareNamesOfDashboards(deletions)
  }

  /// The reference's dashboard asks for two names that the reference does not have.
  private func prepareNamesOfDashboards(_ deletions: Counter) {
    registry.alias(
      "thanos_compact_downsample_failed_total", for: "thanos_compact_downsample_failures_total")
    registry.counter(
      "thanos_compact_blocks_marked_for_deletion_total",
      help: "Total number of blocks marked for deletion in compactor.",
      read: { deletions.value })
  }

  func blocksMarked(marker: String, reason: String) -> Counter {
    registry.counter(
      "thanos_compact_blocks_marked_total", help: "Total number of blocks marked in compactor.",
      labels: ["marker": marker, "reason": reason])
  }

  /// The counters of one resolution.
  struct Group: Sendable {
    let compactions: Counter
    let runsStarted: Counter
    let runsCompleted: Counter
    let failures: Counter
    let verticalCompactions: Counter
  }

  func group(_ resolution: Int64) -> Group {
    func counter(_ name: String, _ help: String) -> Counter {
      registry.counter(
        "thanos_compact_group_\(name)_total", help: help, labels: ["resolution": "\(resolution)"])
    }
    return Group(
      compactions: counter(
        "compactions", "Total number of group compaction attempts that resulted in a new block."),
      runsStarted: counter(
        "compaction_runs_started", "Total number of group compaction attempts."),
      runsCompleted: counter(
        "compaction_runs_completed", "Total number of group completed compaction runs."),
      failures: counter("compactions_failures", "Total number of failed group compactions."),
      verticalCompactions: counter(
        "vertical_compactions",
        "Total number of group compaction attempts that resulted in a new block based on "
          + "overlapping blocks."))
  }

  /// What counts the downsampling of blocks of one resolution.
  struct Downsampling: Sendable {
    let runs: Counter
    let failures: Counter
    let seconds: Histogram
  }

  func downsampling(_ resolution: Int64) -> Downsampling {
    let labels = ["resolution": "\(resolution)"]
    return Downsampling(
      runs: registry.counter(
        "thanos_compact_downsample_total", help: "Total number of downsampling attempts.",
        labels: labels),
      failures: registry.counter(
        "thanos_compact_downsample_failures_total",
        help: "Total number of failed downsampling attempts.", labels: labels),
      seconds: registry.histogram(
        "thanos_compact_downsample_duration_seconds", help: "Duration of downsample runs.",
        bounds: [60, 300, 900, 1800, 3600, 7200, 14400], labels: labels))
  }
}
