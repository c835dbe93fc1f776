internal import Telemetry

/// What a cache in memory holds and does, under the names of the reference.
struct MemoryCacheMetrics: Sendable {
  let added, evicted, requests, hits, expired, overflowed: Counter
  let items, size, total: Gauge

  init(maximumSize: Int, maximumItemSize: Int, name: String, registry: MetricRegistry) {
    let labels = ["name": name]
    func counter(_ name: String, _ help: String) -> Counter {
      registry.counter("thanos_cache_inmemory_\(name)", help: help, labels: labels)
    }
    func gauge(_ name: String, _ help: String) -> Gauge {
      registry.gauge("thanos_cache_inmemory_\(name)", help: help, labels: labels)
    }
    added = counter("items_added_total", "Items that the cache took.")
    evicted = counter("items_evicted_total", "Items that made room for others.")
    requests = counter("requests_total", "Items that the cache was asked for.")
    hits = counter("hits_total", "Items that the cache was asked for and had.")
    expired = counter(
      "hits_on_expired_data_total", "Items that the cache had, but whose time was over.")
    overflowed = counter("items_overflowed_total", "Items that were too large for the cache.")
    items = gauge("items", "Items in the cache.")
    size = gauge("items_size_bytes", "What the items are charged, without their keys.")
    total = gauge("total_size_bytes", "What the items and their keys take.")
    gauge("max_size_bytes", "What the cache may be charged.").set(maximumSize)
    gauge("max_item_size_bytes", "What one item may be charged.").set(maximumItemSize)
  }
}
