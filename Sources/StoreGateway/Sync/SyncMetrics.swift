internal import Telemetry

/// The metrics of opening and dropping blocks, under the names that Thanos' alerts and dashboards
/// know.
struct SyncMetrics: Sendable {
  let loads: Counter
  let loadFailures: Counter
  let drops: Counter
  let loaded: Gauge
  /// Blocks that are known and not open yet.
  let waiting: Gauge
  let lastLoaded: Gauge
  let loadDuration: Histogram

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
    waiting = registry.gauge(
      "blockhouse_bucket_store_blocks_waiting",
      help: "Blocks that are known and not open yet, so not served.")
    lastLoaded = registry.gauge(
      "thanos_bucket_store_blocks_last_loaded_timestamp_seconds",
      help: "When blocks were loaded last, Unix seconds.")
    loadDuration = registry.histogram(
      "thanos_bucket_store_block_load_duration_seconds", help: "Seconds to open one block.",
      bounds: [0.1, 0.2, 0.5, 1, 2, 5, 15, 30, 60, 90, 120, 300])
  }
}
