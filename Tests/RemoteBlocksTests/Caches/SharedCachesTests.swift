import CachingBucket
import IndexCache
import Logging
import ObjectStore
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import RemoteBlocks

/// Blocks far away, read as the gateway reads them: through a caching bucket and an index cache.
private struct ReadPath {
  let remote: RemoteBucket
  let registry = MetricRegistry()
  let golden: GoldenBlock
  let block: RemoteBlock

  init(caching: String, index: String) throws {
    remote = try RemoteBucket(directory: GoldenBlock.directory())
    golden = try #require(try GoldenBlock.all().first { $0.reader.meta.stats.chunks > 500 })
    let quiet = RemoteFixture.quiet
    let bucket = try CachingBucketConfiguration.parse(yaml: caching).makeBucket(
      over: remote, registry: registry, logger: quiet)
    let reader = RangeReader(bucket, retries: RemoteFixture.quickRetries)
    let headers = IndexHeaderStore(
      IndexHeaderStore.Configuration(dataDirectory: nil), reader: reader,
      metrics: IndexHeaderMetrics(registry), logger: quiet)
    let cache = try IndexCacheConfiguration.parse(yaml: index).makeCache(
      registry: registry, logger: quiet)
    block = RemoteBlock(
      id: golden.id, meta: golden.reader.meta,
      resources: RemoteBlockResources(
        reader: reader, headers: headers, cache: cache, metrics: FetchMetrics(registry)))
  }

  /// Selects, and reads series and chunks; all are compared with the mapped twin.
  func query() async throws {
    let index = golden.reader.index
    var random = SeededRandom(seed: 3)
    let selector = try RandomSelector(index)
    for _ in 0..<6 {
      let matchers = try selector.matchers(&random)
      let selection = try await block.select(matchers, budget: FreeFetching(), tenant: "t")
      let ids = try tested(selection, index)
      #expect(try ids == index.select(matchers, allowsRemaining: false).ids)
      if !selection.remaining.isEmpty {
        block.storeExpanded(ids, for: matchers, tenant: "t")
      }
      let some = Array(ids.prefix(40))
      let parts = try await block.seriesParts(some, budget: FreeFetching(), tenant: "t")
      try expectSeries(some, in: parts, of: index)
      var labels: [LabelReference] = []
      var chunks: [ChunkSpan] = []
      for id in some { try index.appendSeries(id, labels: &labels, chunks: &chunks) }
      let wanted = Array(chunks.map(\.location).prefix(200))
      let segments = try await block.chunkParts(wanted, budget: FreeFetching(), tenant: "t")
      try expectChunks(wanted, in: segments, of: golden.reader.chunks)
    }
  }

  var calls: Int {
    BucketOperation.allCases.reduce(0) { $0 + remote.count($1) }
  }

  /// Asks again and again until a query makes no call, which it does when all values have arrived.
  func queryUntilQuiet() async throws {
    for _ in 0..<40 {
      remote.reset()
      try await query()
      if calls == 0 { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("still \(calls) calls: \(remote.reads.prefix(5))")
  }
}

@Suite(.serialized) struct SharedCachesTests {
  private func redis(_ server: CacheProgram) -> String {
    "{type: REDIS, config: {addr: \"\(server.address)\", read_timeout: 30s}}"
  }

  private func memcached(_ server: CacheProgram) -> String {
    "{type: MEMCACHED, config: {addresses: [\"\(server.address)\"], timeout: 30s}}"
  }

  @Test func `with caches in memory a second equal query makes no call to the bucket`() async throws
  {
    let path = try ReadPath(caching: "type: IN-MEMORY", index: "type: IN-MEMORY")
    try await path.query()
    #expect(path.calls > 0)
    path.remote.reset()
    try await path.query()
    #expect(path.calls == 0)
  }

  @Test(arguments: ["memcached", "redis"])
  func `processes share what one of them has read`(kind: String) async throws {
    let server =
      kind == "redis" ? try await CacheProgram.redis() : try await CacheProgram.memcached()
    let yaml = kind == "redis" ? redis(server) : memcached(server)
    let first = try ReadPath(caching: yaml, index: yaml)
    try await first.queryUntilQuiet()
    let second = try ReadPath(caching: yaml, index: yaml)
    try await second.query()
    // The index-header is made from the index; nothing else of it is read.
    let reads = second.remote.reads.filter { !$0.name.hasSuffix("/index") }
    #expect(reads.isEmpty)
    second.remote.reset()
    try await second.query()
    #expect(second.calls == 0)
    await server.kill()
    try await second.query()
  }

  @Test func `a disk cache serves after a restart what it had`() async throws {
    try await withTemporaryDirectory { directory in
      let yaml = "{type: DISK, config: {directory: \"\(directory)\", max_size: 64MiB}}"
      do {
        let first = try ReadPath(caching: yaml, index: "type: IN-MEMORY")
        try await first.queryUntilQuiet()
      }
      let second = try ReadPath(caching: yaml, index: "{type: IN-MEMORY, config: {max_size: 0}}")
      // Also without an index cache: ranges of the index are on the disk too.
      try await second.queryUntilQuietButAttributes()
      #expect(second.remote.reads.isEmpty)
    }
  }

  @Test(arguments: [
    "ARGV[1]", "string.sub(v, 1, math.floor(#v / 2))", "''", "v .. ARGV[1]",
    "string.rep('x', #v)", "string.sub(v, 1, 3) .. string.rep(string.char(0), #v - 3)",
  ])
  func `values that somebody damages change no answer, and are put right`(damage: String)
    async throws
  {
    let server = try await CacheProgram.redis()
    let first = try ReadPath(caching: redis(server), index: redis(server))
    try await first.queryUntilQuiet()
    // A well-formed entry of a series, padded, is one: the form has no checksum.
    let script = """
      local n = 0
      for _, k in ipairs(redis.call('KEYS', '*')) do
        local v = redis.call('GET', k)
        redis.call('SET', k, \(damage))
        n = n + 1
      end
      return n
      """
    let count = try runProcess(
      "redis-cli", ["-p", "\(server.port)", "EVAL", script, "0", "garbage"]
    ).requireSuccess().outputText
    #expect(try #require(Int(count.filter(\.isNumber))) > 20)
    let second = try ReadPath(caching: redis(server), index: redis(server))
    try await second.query()
    try await second.queryUntilQuiet()
    let third = try ReadPath(caching: redis(server), index: redis(server))
    try await third.query()
    #expect(third.remote.reads.allSatisfy { $0.name.hasSuffix("/index") })
  }

  @Test func `pieces of chunks with flipped bits are noticed by their checksums`() async throws {
    let server = try await CacheProgram.redis()
    let first = try ReadPath(caching: redis(server), index: redis(server))
    try await first.queryUntilQuiet()
    let script = """
      for _, k in ipairs(redis.call('KEYS', '*')) do
        if string.sub(k, 1, 2) ~= 'S:' then
          local v = redis.call('GET', k)
          local out = {}
          for i = 1, #v do
            local b = string.byte(v, i)
            if i % 50 == 0 then b = bit.bxor(b, 4) end
            out[#out + 1] = string.char(b)
          end
          redis.call('SET', k, table.concat(out))
        end
      end
      """
    _ = try runProcess("redis-cli", ["-p", "\(server.port)", "EVAL", script, "0"]).requireSuccess()
    let second = try ReadPath(caching: redis(server), index: redis(server))
    try await second.query()
    try await second.queryUntilQuiet()
  }

  @Test func `attributes that lie about the size change no answer`() async throws {
    let server = try await CacheProgram.redis()
    let first = try ReadPath(caching: redis(server), index: redis(server))
    try await first.queryUntilQuiet()
    for size in [0, 1, 100, 20_000, 1 << 40] {
      let script = """
        for _, k in ipairs(redis.call('KEYS', 'attrs:*')) do
          redis.call('SET', k, '{"size":\(size),"last_modified":"2026-01-01T00:00:00Z"}')
        end
        for _, k in ipairs(redis.call('KEYS', 'subrange:*')) do redis.call('DEL', k) end
        """
      _ = try runProcess("redis-cli", ["-p", "\(server.port)", "EVAL", script, "0"])
        .requireSuccess()
      let second = try ReadPath(caching: redis(server), index: redis(server))
      try await second.query()
    }
  }
}

extension ReadPath {
  /// As ``queryUntilQuiet()``, where attributes may be asked for.
  fileprivate func queryUntilQuietButAttributes() async throws {
    for _ in 0..<40 {
      remote.reset()
      try await query()
      if remote.reads.isEmpty { return }
      try await Task.sleep(for: .milliseconds(50))
    }
  }
}
