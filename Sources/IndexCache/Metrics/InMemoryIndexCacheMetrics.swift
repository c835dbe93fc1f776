internal import Telemetry

/// What an in-memory cache holds and does, by kind of item.
struct InMemoryIndexCacheMetrics: Sendable {
  private struct Handles {
    let added, evicted, overflowed: Counter
    let count, size, total: Gauge
  }

  private let kinds: [Handles]

  init(maximumSize: Int, maximumItemSize: Int, registry: MetricRegistry) {
    kinds = IndexCacheItem.Kind.allCases.map { Self.make($0, registry: registry) }
    registry.gauge(
      "thanos_store_index_cache_max_size_bytes",
      help: "Bytes that the index cache may be charged for."
    ).set(maximumSize)
    registry.gauge(
      "thanos_store_index_cache_max_item_size_bytes",
      help: "Bytes that one item of the index cache may be charged for."
    ).set(maximumItemSize)
  }

  func record(_ change: CacheContents.Change) {
    for kind in IndexCacheItem.Kind.allCases {
      let handles = kinds[kind.index]
      handles.added.increment(by: change.added[kind])
      handles.evicted.increment(by: change.evicted[kind])
      handles.overflowed.increment(by: change.overflowed[kind])
      guard change.added[kind] > 0 || change.evicted[kind] > 0 else { continue }
      handles.count.add(Double(change.added[kind] - change.evicted[kind]))
      handles.size.add(Double(change.charge[kind]))
      handles.total.add(Double(change.total[kind]))
    }
  }

  private static func make(_ kind: IndexCacheItem.Kind, registry: MetricRegistry) -> Handles {
    let labels = ["item_type": kind.rawValue]
    func counter(_ name: String, _ help: String) -> Counter {
      registry.counter("thanos_store_index_cache_\(name)", help: help, labels: labels)
    }
    func gauge(_ name: String, _ help: String) -> Gauge {
      registry.gauge("thanos_store_index_cache_\(name)", help: help, labels: labels)
    }
    return Handles(
      added: counter("items_added_total", "Items that the index cache took."),
      evicted: counter("items_evicted_total", "Items that made room for others."),
      overflowed: counter(
        "items_overflowed_total", "Items that were too large for the index cache."),
      count: gauge("items", "Items in the index cache."),
      size: gauge(
        "items_size_bytes", "What the items in the index cache are charged, without their keys."),
      total: gauge(
        "total_size_bytes", "What the items in the index cache and their keys take."))
  }
}
