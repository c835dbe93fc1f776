internal import BlockCatalog
internal import Telemetry

/// The metrics of the sync, under the names that Thanos' alerts and dashboards know.
struct SyncMetrics: Sendable {
  let loads: Counter
  let loadFailures: Counter
  let drops: Counter
  let loaded: Gauge
  let lastLoaded: Gauge
  let loadDuration: Histogram
  let syncs: Counter
  let syncFailures: Counter
  let syncDuration: Histogram
  private let synced: [SyncState: Gauge]

  init(_ registry: MetricRegistry) {
    loads = registry.counter(
      "thanos_bucket_store_block_loads_total", help: "Attempts to open a block.")
    loadFailures = registry.counter(
      "thanos_bucket_store_block_load_failures_total", help: "Blocks that could not be opened.")
    drops = registry.counter(
      "thanos_bucket_store_block_drops_total", help: "Blocks no longer served.")
    _ = registry.counter(
      "thanos_bucket_store_block_drop_failures_total", help: "Blocks that could not be dropped.")
    loaded = registry.gauge(
      "thanos_bucket_store_blocks_loaded", help: "Blocks served.")
    lastLoaded = registry.gauge(
      "thanos_bucket_store_blocks_last_loaded_timestamp_seconds",
      help: "When blocks were loaded last, Unix seconds.")
    loadDuration = registry.histogram(
      "thanos_bucket_store_block_load_duration_seconds", help: "Seconds to open one block.",
      bounds: Histogram.operationBounds)
    syncs = registry.counter(
      "thanos_blocks_meta_syncs_total", help: "Looks at the whole bucket.")
    syncFailures = registry.counter(
      "thanos_blocks_meta_sync_failures_total", help: "Looks at the bucket that failed.")
    syncDuration = registry.histogram(
      "thanos_blocks_meta_sync_duration_seconds", help: "Seconds for a look at the bucket.",
      bounds: [0.01, 1, 10, 100, 300, 600, 1000])
    synced = Dictionary(
      uniqueKeysWithValues: SyncState.allCases.map { state in
        (
          state,
          registry.gauge(
            "thanos_blocks_meta_synced", help: "Blocks of the bucket by what became of them.",
            labels: ["state": state.rawValue])
        )
      })
  }

  func show(_ counts: [SyncState: Int]) {
    // A mark against compaction means nothing to those who only read.
    for (state, gauge) in synced where state != .markedForNoCompact {
      gauge.set(counts[state] ?? 0)
    }
  }
}
