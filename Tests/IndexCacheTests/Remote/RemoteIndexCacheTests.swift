import Logging
import ObjectStore
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import IndexCache
@testable import RemoteCache

@Suite(.serialized) struct RemoteIndexCacheTests {
  private let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  private func cache(_ yaml: String, _ registry: MetricRegistry = MetricRegistry()) throws
    -> any IndexCache
  {
    try IndexCacheConfiguration.parse(yaml: yaml).makeCache(registry: registry, logger: quiet)
  }

  /// A client that puts values where a running Thanos puts them.
  private func other(_ server: CacheProgram) throws -> MemcachedClient {
    let node = try ConfigurationNode.root(
      ofYAML: "{addresses: [\"\(server.address)\"], timeout: 30s}")
    return MemcachedClient(
      try MemcachedConfiguration(node, line: nil), name: "other", registry: MetricRegistry(),
      logger: quiet)
  }

  private func wait(
    _ cache: any IndexCache, _ item: IndexCacheItem, of block: BlockID
  ) async -> [UInt8]? {
    for _ in 0..<1000 {
      if let value = await cache.fetch([item], of: block, tenant: "t")[0] { return value }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return nil
  }

  @Test func `values that a running Thanos stored are found, and ours are found by it`()
    async throws
  {
    let server = try await CacheProgram.memcached(["-I", "8m"])
    let other = try other(server)
    let cases = try KeyCase.all("postings", "expanded", "series").filter {
      ($0.line["value"].hexBytes?.count ?? .max) < 1 << 20
    }
    let entries = try cases.map { example in
      (
        key: try #require(example.line["cache_key"].string),
        value: try #require(example.line["value"].hexBytes)
      )
    }
    other.store(entries, lifetime: .seconds(600))
    let registry = MetricRegistry()
    let yaml = """
      type: MEMCACHED
      config: {addresses: ["\(server.address)"], timeout: 30s}
      """
    let cache = try cache(yaml, registry)
    for (example, entry) in zip(cases, entries) {
      #expect(await wait(cache, example.item, of: example.block) == entry.value)
      if case .series = example.item { continue }
      var ids: [UInt32] = []
      try PostingsCodec.decode(entry.value, into: &ids)
    }
    let hits = Scrape(registry).series.filter {
      $0.hasPrefix("thanos_store_index_cache_hits_total")
    }
    #expect(hits.contains { $0.contains("Series") })
    let example = try #require(cases.first)
    cache.store([(example.item, [1, 2, 3])], of: example.block, tenant: "t")
    var found: [UInt8]?
    for _ in 0..<1000 where found != [1, 2, 3] {
      found = await other.fetch([entries[0].key])[0]
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(found == [1, 2, 3])
  }

  @Test func `memory is asked before the shared cache, and filled from it`() async throws {
    let server = try await CacheProgram.redis()
    let block = BlockID.make(now: 1)
    let items = (1...3).map { IndexCacheItem.series(offset: $0) }
    let yaml = """
      type: REDIS
      config: {addr: "\(server.address)", read_timeout: 30s}
      """
    let far = try cache(yaml)
    far.store(items.map { ($0, [7]) }, of: block, tenant: "t")
    for item in items { #expect(await wait(far, item, of: block) == [7]) }
    let registry = MetricRegistry()
    let layered = try cache(yaml + "\nin_memory: {max_size: 1MiB}\n", registry)
    #expect(await layered.fetch(items, of: block, tenant: "t") == [[7], [7], [7]])
    await server.kill()
    #expect(await layered.fetch(items, of: block, tenant: "t") == [[7], [7], [7]])
    // What was found damaged is replaced in memory too.
    layered.store([(items[1], [8])], of: block, tenant: "t")
    #expect(await layered.fetch(items, of: block, tenant: "t") == [[7], [8], [7]])
    let labels = #"{item_type="Series",tenant="t"}"#
    #expect(Scrape(registry)["thanos_store_index_cache_requests_total" + labels] == 9)
    #expect(Scrape(registry)["thanos_store_index_cache_hits_total" + labels] == 9)
  }

  @Test func `kinds that are not enabled are neither asked for nor kept`() async throws {
    let server = try await CacheProgram.memcached()
    let block = BlockID.make(now: 1)
    let yaml = """
      type: MEMCACHED
      config: {addresses: ["\(server.address)"], timeout: 30s}
      enabled_items: [Series]
      """
    let cache = try cache(yaml)
    let postings = IndexCacheItem.postings(name: [1], value: [2])
    cache.store([(postings, [1]), (.series(offset: 16), [2])], of: block, tenant: "t")
    #expect(await wait(cache, .series(offset: 16), of: block) == [2])
    #expect(await cache.fetch([postings], of: block, tenant: "t") == [nil])
  }
}
