import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import RemoteBlocks

@Suite struct MetricsTests {
  /// The golden metrics that this module has.
  private static let prefixes = [
    "cached_postings_", "chunk_refetches", "chunks_fetch_", "empty_postings", "indexheader_",
    "lazy_expanded_", "postings_fetch_", "postings_size", "series_data_", "series_fetch_",
    "series_refetches",
  ].map { "thanos_bucket_store_" + $0 }

  @Test("metrics have the names, types, labels and buckets of the reference's")
  func names() throws {
    let registry = MetricRegistry()
    let metrics = FetchMetrics(registry)
    _ = IndexHeaderMetrics(registry)
    metrics.observe(FetchStatistics(), tenant: "default-tenant")
    metrics.lazyGroups(reason: "postings_size").increment()
    let lines = registry.exposition(.text).split(separator: "\n").map(String.init)
    var compared = 0
    for metric in try Golden.json("store/metrics-names.json")["metrics"].array ?? [] {
      let name = try #require(metric["name"].string)
      guard Self.prefixes.contains(where: { name.hasPrefix($0) }) else { continue }
      compared += 1
      let type = try #require(metric["type"].string)
      #expect(lines.contains("# TYPE \(name) \(type)"), "\(name)")
      let line = try #require(
        lines.first { $0.hasPrefix(name + (type == "histogram" ? "_sum" : "")) })
      let labels = (metric["labels"].array ?? []).compactMap(\.string)
      for label in labels { #expect(line.contains("\(label)=\""), "\(line)") }
      #expect(line.split(separator: "=\"").count - 1 == labels.count, "\(line)")
      guard let buckets = metric["buckets"].array else { continue }
      let bounds = lines.filter { $0.hasPrefix(name + "_bucket") }
        .compactMap { $0.split(separator: "le=\"").last?.split(separator: "\"").first }
        .compactMap { Double($0) }.filter { $0.isFinite }
      #expect(Array(bounds.prefix(buckets.count)) == buckets.compactMap(\.double), "\(name)")
      #expect(Set(bounds).count == buckets.count, "\(name)")
    }
    #expect(compared > 20)
  }

  @Test("tenants beyond a number are counted as one")
  func manyTenants() {
    let registry = MetricRegistry()
    let metrics = FetchMetrics(registry, tenantLimit: 3)
    for tenant in 0..<100 { metrics["t\(tenant)"].emptyPostings.increment() }
    let text = registry.exposition(.text)
    let name = "thanos_bucket_store_empty_postings_total"
    #expect(text.contains("\(name){tenant=\"t1\"} 1"))
    #expect(text.contains("\(name){tenant=\"other-tenants\"} 98"))
    #expect(!text.contains("t50"))
  }
}
