import IndexCache
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@Suite struct CacheMetricsGoldenTests {
  @Test func `metrics have the names, types, labels and buckets of the reference`() throws {
    let registry = MetricRegistry()
    _ = InMemoryIndexCache(maximumSize: 10, maximumItemSize: 10, registry: registry)
    _ = MatcherCache(maximumCount: 0, registry: registry)
    let lines = registry.exposition(.text).split(separator: "\n").map(String.init)
    let golden = try #require(Golden.json("store/metrics-names.json")["metrics"].array).filter {
      let name = $0["name"].string ?? ""
      return name.hasPrefix("thanos_store_index_cache_") || name.hasPrefix("thanos_matchers_cache_")
    }
    try #require(!golden.isEmpty)
    for metric in golden {
      let name = try #require(metric["name"].string)
      #expect(lines.contains("# TYPE \(name) \(metric["type"].string ?? "")"))
      let labels = (metric["labels"].array ?? []).compactMap(\.string)
      let buckets = (metric["buckets"].array ?? []).compactMap(\.double)
      if metric["type"].string == "histogram" {
        expect(lines, name, labels: labels, buckets: buckets)
      } else {
        let names = labelNames(of: lines.filter { isSeries($0, of: name) })
        #expect(names == [labels], "\(name)")
      }
    }
    let types = lines.filter { $0.hasPrefix("# TYPE") }
    #expect(types.count == golden.count)
  }

  private func expect(_ lines: [String], _ name: String, labels: [String], buckets: [Double]) {
    let series = lines.filter { isSeries($0, of: name + "_bucket") }
    #expect(labelNames(of: series) == [(labels + ["le"]).sorted()])
    let bounds = series.filter { $0.contains(#"item_type="Series""#) }.compactMap { line in
      line.split(separator: "le=\"").last?.split(separator: "\"").first.flatMap { Double($0) }
    }
    #expect(bounds.sorted() == buckets + [.infinity])
  }

  private func isSeries(_ line: String, of name: String) -> Bool {
    line.hasPrefix(name + "{") || line.hasPrefix(name + " ")
  }

  /// The distinct lists of label names.
  private func labelNames(of lines: [String]) -> Set<[String]> {
    Set(
      lines.map { line in
        guard let open = line.firstIndex(of: "{") else { return [] }
        return line[open...].split(separator: "\",").compactMap { part in
          part.split(separator: "=").first.map { $0.filter { $0 != "{" } }
        }.sorted()
      })
  }
}
