public import Telemetry

/// The metrics of index-headers, under the names that Thanos' dashboards know.
public struct IndexHeaderMetrics: Sendable {
  let downloadDuration: Histogram
  let loadDuration: Histogram
  let lazyLoads: Counter
  let lazyLoadFailures: Counter
  let lazyLoadDuration: Histogram
  let unloads: Counter

  private static let prefix = "thanos_bucket_store_indexheader_"
  private static let loadBounds: [Double] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 30, 60, 90, 120, 300,
  ]

  public init(_ registry: MetricRegistry) {
    func counter(_ name: String, _ help: String) -> Counter {
      registry.counter(Self.prefix + name, help: help)
    }
    downloadDuration = registry.histogram(
      Self.prefix + "download_duration_seconds",
      help: "Seconds to make an index-header from the bucket.",
      bounds: [0.1, 0.2, 0.5, 1, 2, 5, 15, 30, 60, 90, 120, 300])
    loadDuration = registry.histogram(
      Self.prefix + "load_duration_seconds",
      help: "Seconds to open an index-header for the first time.", bounds: Self.loadBounds)
    lazyLoads = counter("lazy_load_total", "Openings of index-headers at their use.")
    lazyLoadFailures = counter("lazy_load_failed_total", "Openings at use that failed.")
    lazyLoadDuration = registry.histogram(
      Self.prefix + "lazy_load_duration_seconds",
      help: "Seconds to open an index-header at its use.", bounds: Self.loadBounds)
    unloads = counter("lazy_unload_total", "Index-headers closed because nobody used them.")
    _ = counter(
      "lazy_unload_failed_total", "Closings that failed; there is nothing that could fail.")
  }
}
