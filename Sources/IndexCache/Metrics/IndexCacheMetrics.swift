internal import Telemetry

/// Metrics that every index cache has, by kind of item and tenant.
final class IndexCacheMetrics: Sendable {
  /// Of one tenant, by ``IndexCacheItem/Kind/index``.
  private typealias TenantHandles = [Handles]

  private struct Handles {
    let requests: Counter
    let hits: Counter
    let storedSize: Histogram
    let fetchDuration: Histogram
  }

  private let tenants: PerTenant<TenantHandles>

  /// - Parameter tenantLimit: Tenants beyond this many are counted together.
  init(registry: MetricRegistry, tenantLimit: Int = 1000) {
    tenants = PerTenant(limit: tenantLimit) { tenant in
      IndexCacheItem.Kind.allCases.map { Self.make($0, tenant: tenant, registry) }
    }
  }

  /// Counts a call that asked for `requests` items and found `hits` of them.
  func recordFetch(requests: KindTally, hits: KindTally, duration: Duration, tenant: String) {
    let handles = tenants[tenant]
    for kind in IndexCacheItem.Kind.allCases where requests[kind] > 0 || hits[kind] > 0 {
      handles[kind.index].requests.increment(by: requests[kind])
      handles[kind.index].hits.increment(by: hits[kind])
      handles[kind.index].fetchDuration.observe(duration)
    }
  }

  /// Counts values that a caller wants kept, by their sizes in bytes.
  func recordStored(
    _ values: some Sequence<(kind: IndexCacheItem.Kind, size: Int)>, tenant: String
  ) {
    let handles = tenants[tenant]
    for (kind, size) in values { handles[kind.index].storedSize.observe(Double(size)) }
  }

  private static func make(
    _ kind: IndexCacheItem.Kind, tenant: String, _ registry: MetricRegistry
  ) -> Handles {
    let labels = ["item_type": kind.rawValue, "tenant": tenant]
    return Handles(
      requests: registry.counter(
        "thanos_store_index_cache_requests_total",
        help: "Items that the index cache was asked for.", labels: labels),
      hits: registry.counter(
        "thanos_store_index_cache_hits_total",
        help: "Items that the index cache was asked for and had.", labels: labels),
      storedSize: registry.histogram(
        "thanos_store_index_cache_stored_data_size_bytes",
        help: "Sizes of items that were given to the index cache.",
        bounds: sizeBounds, labels: labels),
      fetchDuration: registry.histogram(
        "thanos_store_index_cache_fetch_duration_seconds",
        help: "Time that the index cache took to answer.",
        bounds: durationBounds, labels: labels))
  }

  private static let sizeBounds: [Double] = [
    32, 256, 512, 1024, 32 << 10, 256 << 10, 512 << 10, 1 << 20, 32 << 20, 64 << 20, 128 << 20,
    256 << 20, 512 << 20,
  ].map { Double($0) }

  private static let durationBounds: [Double] = [
    0.01, 0.1, 0.3, 0.6, 1, 3, 6, 10, 15, 20, 30, 45, 60, 90, 120,
  ]
}
