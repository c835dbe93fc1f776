import IndexCache
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@Suite struct InMemoryIndexCacheTests {
  private let block = BlockID.make(now: 1)
  private let registry = MetricRegistry()

  private func cache(
    _ size: Int, item: Int? = nil, kinds: [IndexCacheItem.Kind] = IndexCacheItem.Kind.allCases
  ) -> InMemoryIndexCache {
    InMemoryIndexCache(
      maximumSize: size, maximumItemSize: item ?? size, enabledKinds: Set(kinds),
      registry: registry)
  }

  private func series(_ offset: Int, _ size: Int) -> (item: IndexCacheItem, value: [UInt8]) {
    (.series(offset: offset), [UInt8](repeating: UInt8(truncatingIfNeeded: offset), count: size))
  }

  private func metric(_ name: String, _ kind: String = "Series") -> Double? {
    Scrape(registry)["thanos_store_index_cache_\(name){item_type=\"\(kind)\"}"]
  }

  @Test func `what was stored is found, for its block alone and in the order asked`() async {
    let cache = cache(1000)
    cache.store([series(16, 3), series(32, 4)], of: block, tenant: "t")
    let items: [IndexCacheItem] = [.series(offset: 32), .series(offset: 48), .series(offset: 16)]
    let found = await cache.fetch(items, of: block, tenant: "t")
    #expect(found == [series(32, 4).value, nil, series(16, 3).value])
    let other = await cache.fetch(items, of: BlockID.make(now: 2), tenant: "t")
    #expect(other == [nil, nil, nil])
    let nothing = await cache.fetch([], of: block, tenant: "t")
    #expect(nothing.isEmpty)
  }

  @Test func `an item is charged its bytes and sixteen, its key only in the total`() {
    let cache = cache(1000)
    let name = Array("job".utf8)
    cache.store(
      [
        series(16, 100), (.postings(name: name, value: [1, 2]), [7]),
        (.expandedPostings(matchers: "ab"), []),
      ], of: block, tenant: "t")
    #expect(metric("items") == 1)
    #expect(metric("items_size_bytes") == 116)
    #expect(metric("total_size_bytes") == 140)
    #expect(metric("items_size_bytes", "Postings") == 17)
    #expect(metric("total_size_bytes", "Postings") == 70)
    #expect(metric("items_size_bytes", "ExpandedPostings") == 16)
    #expect(metric("total_size_bytes", "ExpandedPostings") == 50)
  }

  @Test func `what was used last stays`() async {
    let cache = cache(3 * 26)
    cache.store([series(1, 10), series(2, 10), series(3, 10)], of: block, tenant: "t")
    _ = await cache.fetch([.series(offset: 1)], of: block, tenant: "t")
    // Storing what is there counts as use.
    cache.store([series(2, 10)], of: block, tenant: "t")
    cache.store([series(4, 10)], of: block, tenant: "t")
    let items = (1...4).map { IndexCacheItem.series(offset: $0) }
    let found = await cache.fetch(items, of: block, tenant: "t")
    #expect(found == [series(1, 10).value, series(2, 10).value, nil, series(4, 10).value])
    #expect(metric("items_evicted_total") == 1)
    #expect(metric("items_added_total") == 4)
  }

  @Test func `another value takes the place of the one that is there`() async {
    let cache = cache(3 * 26)
    cache.store([series(1, 10), series(2, 10), series(3, 10)], of: block, tenant: "t")
    cache.store([(.series(offset: 2), [0])], of: block, tenant: "t")
    let items = (1...3).map { IndexCacheItem.series(offset: $0) }
    let found = await cache.fetch(items, of: block, tenant: "t")
    #expect(found == [series(1, 10).value, [0], series(3, 10).value])
    #expect(metric("items") == 3)
  }

  @Test func `an item as large as may be is kept, a larger one is counted`() async {
    let cache = cache(1000, item: 100)
    cache.store([series(1, 84), series(2, 85)], of: block, tenant: "t")
    let found = await cache.fetch([.series(offset: 1), .series(offset: 2)], of: block, tenant: "t")
    #expect(found.map { $0?.count } == [84, nil])
    #expect(metric("items_overflowed_total") == 1)
    #expect(metric("items_added_total") == 1)
  }

  @Test func `a large item makes as much room as it needs`() {
    let cache = cache(200)
    cache.store((1...7).map { series($0, 10) }, of: block, tenant: "t")
    cache.store([series(100, 184)], of: block, tenant: "t")
    #expect(metric("items") == 1)
    #expect(metric("items_size_bytes") == 200)
    #expect(metric("items_evicted_total") == 7)
  }

  @Test func `kinds that are not enabled are neither kept nor counted`() async {
    let cache = cache(1000, kinds: [.postings])
    let postings = IndexCacheItem.postings(name: [1], value: [2])
    cache.store([series(1, 5), (postings, [9])], of: block, tenant: "t")
    let found = await cache.fetch([.series(offset: 1), postings], of: block, tenant: "t")
    #expect(found == [nil, [9]])
    #expect(metric("items_added_total") == 0)
    let scrape = Scrape(registry)
    let requests = "thanos_store_index_cache_requests_total"
    #expect(scrape[requests + #"{item_type="Series",tenant="t"}"#] == 0)
    #expect(scrape[requests + #"{item_type="Postings",tenant="t"}"#] == 1)
  }

  @Test func `questions that clients make up cannot fill the memory`() {
    let cache = cache(1000)
    for number in 0..<100 {
      let text = String(repeating: "x", count: 300) + "\(number)"
      cache.store([(.expandedPostings(matchers: text), [])], of: block, tenant: "t")
    }
    cache.store(
      [(.expandedPostings(matchers: String(repeating: "x", count: 5000)), [])], of: block,
      tenant: "t")
    #expect(metric("items", "ExpandedPostings") == 11)
    #expect(metric("items_overflowed_total", "ExpandedPostings") == 1)
  }

  @Test func `a value does not keep a large array alive`() async {
    var large = [UInt8](repeating: 1, count: 100_000)
    large.removeLast(99_990)
    let cache = cache(1000)
    cache.store([(.series(offset: 1), large)], of: block, tenant: "t")
    let found = await cache.fetch([.series(offset: 1)], of: block, tenant: "t")
    #expect(found.first??.count == 10)
    #expect((found.first??.capacity ?? .max) < 100)
  }

  @Test(arguments: [1, 2, 3])
  func `it holds and counts what the obvious cache does`(seed: UInt64) async {
    var random = SeededRandom(seed: seed)
    let cache = cache(4000, item: 500)
    var naive = NaiveCache(maximumSize: 4000, maximumItemSize: 500)
    let blocks = (1...3).map { BlockID.make(now: $0, randomness: &random) }
    let items = (0..<60).map { number -> IndexCacheItem in
      switch number % 3 {
      case 0: .series(offset: 16 * number)
      case 1: .postings(name: Array("n\(number % 4)".utf8), value: Array("v\(number)".utf8))
      default:
        .expandedPostings(matchers: String(repeating: "m", count: number) + "\(number)")
      }
    }
    for _ in 0..<1500 {
      let block = blocks.randomElement(using: &random)!
      let chosen = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        items.randomElement(using: &random)!
      }
      if Bool.random(using: &random) {
        let found = await cache.fetch(chosen, of: block, tenant: "t")
        #expect(found == chosen.map { naive.fetch($0, of: block) })
      } else {
        let entries = chosen.map { item in
          let isLarge = Int.random(in: 0..<20, using: &random) == 0
          let size = Int.random(in: isLarge ? 400...520 : 0...120, using: &random)
          return (item: item, value: [UInt8](repeating: UInt8(size % 256), count: size))
        }
        cache.store(entries, of: block, tenant: "t")
        for entry in entries { naive.store(entry.item, entry.value, of: block) }
      }
    }
    expect(cache: naive)
  }

  private func expect(cache naive: NaiveCache) {
    let scrape = Scrape(registry)
    for kind in IndexCacheItem.Kind.allCases {
      func value(_ name: String, tenant: String = "") -> Double? {
        scrape["thanos_store_index_cache_\(name){item_type=\"\(kind.rawValue)\"\(tenant)}"]
      }
      let counts = naive.counts[kind] ?? .init()
      #expect(value("items") == Double(naive.of(kind).count))
      #expect(value("items_size_bytes") == Double(naive.size(kind)))
      #expect(value("total_size_bytes") == Double(naive.size(kind) + naive.keySize(kind)))
      #expect(value("items_added_total") == Double(counts.added))
      #expect(value("items_evicted_total") == Double(counts.evicted))
      #expect(value("items_overflowed_total") == Double(counts.overflowed))
      #expect(value("requests_total", tenant: ",tenant=\"t\"") == Double(counts.requests))
      #expect(value("hits_total", tenant: ",tenant=\"t\"") == Double(counts.hits))
      #expect(counts.evicted > 0 && counts.hits > 0)
    }
  }

  @Test func `many tasks at once leave it whole`() async {
    let cache = cache(20_000)
    let block = block
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          var random = SeededRandom(seed: UInt64(task))
          for _ in 0..<300 {
            let offsets = (0..<5).map { _ in Int.random(in: 0..<500, using: &random) }
            cache.store(
              offsets.map { offset in
                (
                  .series(offset: offset),
                  [UInt8](repeating: UInt8(offset % 256), count: offset % 100)
                )
              }, of: block, tenant: "t\(task % 3)")
            let found = await cache.fetch(
              offsets.map { .series(offset: $0) }, of: block, tenant: "t\(task % 3)")
            for (offset, value) in zip(offsets, found) {
              guard let value else { continue }
              #expect(value == [UInt8](repeating: UInt8(offset % 256), count: offset % 100))
            }
          }
        }
      }
    }
    // What is there now adds up to what the gauges say.
    let all = (0..<500).map { IndexCacheItem.series(offset: $0) }
    let held = await cache.fetch(all, of: block, tenant: "t").compactMap { $0 }
    #expect(metric("items") == Double(held.count))
    #expect(metric("items_size_bytes") == Double(held.reduce(0) { $0 + 16 + $1.count }))
    #expect((metric("items_size_bytes") ?? 0) <= 20_000)
  }
}
