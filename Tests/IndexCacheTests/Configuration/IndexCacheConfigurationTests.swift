import IndexCache
import Logging
import ObjectStore
import TSDBBlock
import Telemetry
import Testing

private func memcachedHint(_ line: Int) -> String {
  "line \(line): no addresses in config; write \"addresses: [HOST:PORT]\""
}

@Suite struct IndexCacheConfigurationTests {
  private func sizes(_ configuration: IndexCacheConfiguration) -> [String] {
    [configuration.maximumSize.description, configuration.maximumItemSize.description]
  }

  @Test(arguments: [
    ("type: IN-MEMORY", ["250MiB", "125MiB"]),
    ("type: in-memory\nconfig:\n", ["250MiB", "125MiB"]),
    ("type: In-Memory\nconfig:\n  max_size: 1GB\nttl: 24h\n", ["1GiB", "125MiB"]),
    ("type: IN-MEMORY\nconfig:\n  max_size: 1GB\n  max_item_size: 1GiB\n", ["1GiB", "1GiB"]),
    ("type: IN-MEMORY\nconfig: {max_size: 100MiB}\n", ["100MiB", "100MiB"]),
    ("type: IN-MEMORY\nconfig: {max_item_size: 1.5KB}\nttl: 1h30m0.5s\n", ["250MiB", "1536B"]),
  ])
  func `sizes are as given, or those of the reference`(yaml: String, expected: [String]) throws {
    let configuration = try IndexCacheConfiguration.parse(yaml: yaml)
    #expect(sizes(configuration) == expected)
    #expect(configuration.enabledKinds == Set(IndexCacheItem.Kind.allCases))
  }

  @Test(
    arguments: [
      ("[Postings]", [.postings]), ("[Series, ExpandedPostings]", [.series, .expandedPostings]),
      ("[]", IndexCacheItem.Kind.allCases), ("", IndexCacheItem.Kind.allCases),
    ] as [(String, [IndexCacheItem.Kind])])
  func `items can be chosen`(list: String, kinds: [IndexCacheItem.Kind]) throws {
    let yaml = "type: IN-MEMORY\nenabled_items: \(list)\n"
    #expect(try IndexCacheConfiguration.parse(yaml: yaml).enabledKinds == Set(kinds))
  }

  @Test(arguments: [
    ("250MiB", ["250MiB", "125MiB"]), ("125MiB", ["125MiB", "125MiB"]),
    ("10MB", ["10MiB", "10MiB"]),
    ("0B", ["0B", "0B"]),
  ])
  func `a size from a flag bounds the items too`(text: String, expected: [String]) throws {
    let size = try #require(ByteSize(text))
    #expect(sizes(IndexCacheConfiguration(size: size)) == expected)
  }

  @Test(arguments: [
    ("enabled_items: []\ntype: memcached\n", memcachedHint(1)),
    ("type: MEMCACHED\nconfig: {timeout: 1s}\n", memcachedHint(2)),
    (
      "type: MEMCACHED\nconfig:\n  addresses: [a:1]\n  timout: 1s\n",
      #"line 4: unknown key "timout" in config; did you mean "timeout"?"#
    ),
    (
      "type: MEMCACHED\nconfig:\n  addresses:\n  - a:1\n  - b\n",
      #"line 5: "b" is no address, such as "HOST:PORT" or "dns+NAME:PORT""#
    ),
    ("type: redis\nconfig: {}\n", #"line 2: no addr in config; write "addr: HOST:PORT""#),
    (
      "type: REDIS\nconfig:\n  addr: a:1\n  tls_config: {cert_file: x}\n",
      "line 4: both cert_file and key_file must be given, or none"
    ),
    (
      "type: IN-MEMORY\nin_memory: {max_size: 1MB}\n",
      "line 2: in_memory is for MEMCACHED and REDIS; write config instead"
    ),
    ("type: DISK\n", #"line 1: unknown type "DISK"; use IN-MEMORY, MEMCACHED or REDIS"#),
    ("config: {}\n", #"line 1: no type; write "type: IN-MEMORY""#),
    ("", #"the index cache configuration is empty; write "type: IN-MEMORY""#),
    (
      "type: IN-MEMORY\nconfig:\n  max_sise: 1MB\n",
      #"line 3: unknown key "max_sise" in config; did you mean "max_size"?"#
    ),
    (
      "type: IN-MEMORY\nmax_size: 1MB\n",
      #"line 2: unknown key "max_size" in the index cache configuration; "#
        + "known are type, config, enabled_items, ttl, in_memory"
    ),
    (
      "type: IN-MEMORY\nconfig:\n  max_size: 1 MB\n",
      #"line 3: max_size "1 MB" is no size, such as "250MiB""#
    ),
    (
      "type: IN-MEMORY\nconfig:\n  max_item_size: 2MB\n  max_size: 1MB\n",
      "line 3: max_item_size 2MiB is more than max_size 1MiB; lower it or leave it out"
    ),
    (
      "type: IN-MEMORY\nconfig:\n  max_item_size: 2GB\n",
      "line 3: max_item_size 2GiB is more than max_size 250MiB; lower it or leave it out"
    ),
    (
      "type: IN-MEMORY\nenabled_items: Postings\n",
      #"line 2: enabled_items must be a list, such as "[Postings, Series]""#
    ),
    (
      "type: IN-MEMORY\nenabled_items:\n- Postings\n- postings\n",
      #"line 4: unknown item "postings" in enabled_items; "#
        + "known are Postings, ExpandedPostings, Series"
    ),
    ("type: IN-MEMORY\nttl: 1 day\n", #"line 2: ttl "1 day" is no duration, such as "24h""#),
    ("type: IN-MEMORY\nconfig:\n  max_size: [1]\n", "line 3: max_size must be one value"),
  ])
  func `what is wrong is named with its line`(yaml: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try IndexCacheConfiguration.parse(yaml: yaml)
    }
    #expect(error?.description == message)
  }

  @Test func `the cache that is made keeps what is enabled`() async throws {
    let block = BlockID.make(now: 1)
    let items: [IndexCacheItem] = [.series(offset: 16), .postings(name: [1], value: [2])]
    let yaml = "type: IN-MEMORY\nenabled_items: [Series]\n"
    let cache = try IndexCacheConfiguration.parse(yaml: yaml).makeCache(
      registry: MetricRegistry(), logger: Logger(label: "test"))
    cache.store(items.map { ($0, [5]) }, of: block, tenant: "t")
    let found = await cache.fetch(items, of: block, tenant: "t")
    #expect(found == [[5], nil])
  }

  @Test func `a cache of no bytes keeps nothing`() async {
    let block = BlockID.make(now: 1)
    let cache = IndexCacheConfiguration(size: ByteSize(byteCount: 0)).makeCache(
      registry: MetricRegistry(), logger: Logger(label: "test"))
    cache.store([(.series(offset: 16), [])], of: block, tenant: "t")
    let found = await cache.fetch([.series(offset: 16)], of: block, tenant: "t")
    #expect(found == [nil])
    #expect(cache is NoIndexCache)
  }
}
