import Telemetry
import Testing

@testable import IndexCache

@Suite struct TenantMetricsTests {
  @Test func `tenants are counted apart, and together when there are too many`() {
    let registry = MetricRegistry()
    let metrics = IndexCacheMetrics(registry: registry, tenantLimit: 4)
    var one = KindTally()
    one[.series] = 1
    for _ in 0..<2 {
      for number in 0..<10 {
        metrics.recordFetch(
          requests: one, hits: one, duration: .zero, tenant: "tenant-\(number)")
      }
    }
    let scrape = Scrape(registry)
    let requests = "thanos_store_index_cache_requests_total{item_type=\"Series\",tenant="
    #expect(scrape[requests + "\"default-tenant\"}"] == 0)
    for number in 0..<3 { #expect(scrape[requests + "\"tenant-\(number)\"}"] == 2) }
    #expect(scrape[requests + "\"other-tenants\"}"] == 14)
    #expect(scrape.series.filter { $0.hasPrefix(requests) }.count == 5)
  }
}
