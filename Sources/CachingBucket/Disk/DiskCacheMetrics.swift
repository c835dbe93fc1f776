internal import ObjectStore
internal import Telemetry

/// What a disk cache holds and does.
struct DiskCacheMetrics: Sendable {
  let requests, hits, written, skipped, failures: Counter
  private let items, size: Gauge

  init(_ configuration: DiskCacheConfiguration, name: String, registry: MetricRegistry) {
    let labels = ["name": name]
    func counter(_ name: String, _ help: String) -> Counter {
      registry.counter("blockhouse_cache_disk_\(name)", help: help, labels: labels)
    }
    func gauge(_ name: String, _ help: String) -> Gauge {
      registry.gauge("blockhouse_cache_disk_\(name)", help: help, labels: labels)
    }
    requests = counter("requests_total", "Items that the disk cache was asked for.")
    hits = counter("hits_total", "Items that the disk cache was asked for and had.")
    written = counter("items_written_total", "Items written, again ones included.")
    skipped = counter(
      "items_skipped_total", "Items that were not written: too large, or too many waited.")
    failures = counter("write_failures_total", "Writes that failed.")
    items = gauge("items", "Items in the disk cache.")
    size = gauge("size_bytes", "Bytes of the files of the disk cache.")
    gauge("max_size_bytes", "Bytes that the files may have.")
      .set(configuration.maximumSize.byteCount)
  }

  func note(_ size: DiskStore.Size) {
    items.set(size.items)
    self.size.set(size.byteCount)
  }
}
