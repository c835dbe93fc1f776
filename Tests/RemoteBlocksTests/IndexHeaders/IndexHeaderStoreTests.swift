import Foundation
import ObjectStore
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import RemoteBlocks

@Suite struct IndexHeaderStoreTests {
  private func remote() throws -> RemoteBucket {
    try RemoteBucket(directory: GoldenBlock.directory())
  }

  private func store(
    _ bucket: RemoteBucket, _ directory: String?, isLazy: Bool = true,
    downloadsAtUse: Bool = false
  ) -> IndexHeaderStore {
    RemoteFixture(
      bucket,
      headers: IndexHeaderStore.Configuration(
        dataDirectory: directory, isLazy: isLazy, downloadsAtUse: downloadsAtUse)
    ).headers
  }

  private func goldenHeaders() throws -> [(id: BlockID, bytes: [UInt8])] {
    let headers = try Golden.unpacked("store/index-headers.tar.gz")
    return try Golden.jsonLines("store/index-headers.jsonl").map { row in
      let text = try #require(row["block"].string)
      return (try #require(BlockID(text)), try readFile("\(headers)/\(text)/index-header"))
    }
  }

  private func firstBlock() throws -> BlockID { try #require(goldenHeaders().first).id }

  private func names(in directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
  }

  // MARK: Making

  @Test("headers have the reference's bytes and cost one look-up and four reads of ranges")
  func makesHeaders() async throws {
    try await withTemporaryDirectory { directory in
      let bucket = try remote()
      let store = store(bucket, directory)
      for (id, bytes) in try goldenHeaders() {
        bucket.reset()
        try await store.load(id)
        let path = "\(directory)/\(id)/index-header"
        #expect(try readFile(path) == bytes, "\(id)")
        #expect(bucket.count(.attributes) == 1)
        #expect(bucket.count(.getRange) == 4)
        #expect(bucket.count(.get) == 0)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect((mode as? NSNumber)?.intValue == 0o600)
        #expect(try names(in: "\(directory)/\(id)") == ["index-header"])
        bucket.reset()
        let header = try await store.header(of: id).get()
        #expect(header.symbols.count > 0)
        #expect(bucket.count(.attributes) == 1)
        #expect(bucket.count(.getRange) == 1)
      }
    }
  }

  @Test("long sections are copied in parts", arguments: [1, 100, 4096])
  func copiesInParts(partByteCount: Int) async throws {
    let (id, expected) = try #require(try goldenHeaders().first)
    let reader = RangeReader(try remote(), retries: RemoteFixture.quickRetries)
    var download = IndexHeaderDownload(reader: reader, index: try ObjectName("\(id)/index"))
    download.partByteCount = partByteCount
    let layout = try await download.layout()
    var bytes = [UInt8](repeating: 0, count: download.byteCount(layout))
    try await download.copy(layout) { (piece, offset) async throws(RemoteBlockError) in
      bytes.replaceSubrange(offset..<offset + piece.count, with: piece)
    }
    #expect(bytes == expected)
  }

  @Test("what could not be made leaves nothing behind")
  func leavesNothing() async throws {
    try await withTemporaryDirectory { directory in
      let id = try firstBlock()
      let bucket = try remote()
      let store = store(bucket, directory)
      for reads in 0..<4 {
        var faults = RemoteBucket.Faults()
        faults.vanishesAfter = reads
        bucket.reset()
        bucket.set(faults)
        await #expect(throws: RemoteBlockError.self) { try await store.load(id) }
        #expect(try names(in: directory) == [])
      }
    }
  }

  @Test("without a data directory headers are in memory and the same")
  func inMemory() async throws {
    let bucket = try remote()
    let store = store(bucket, nil)
    for (id, bytes) in try goldenHeaders() {
      bucket.reset()
      try await store.load(id)
      let slice = try await store.header(of: id).get().symbols.slice
      #expect([UInt8](slice.bytes) == bytes)
      #expect(bucket.count(.attributes) == 1)
      #expect(bucket.count(.getRange) == 4)
    }
    store.closeUnused(for: .zero)
    #expect(try store.openCount == goldenHeaders().count)
  }

  @Test("eager headers are open after loading; lazy ones are a file, or nothing, as configured")
  func eagerAndLazy() async throws {
    let id = try firstBlock()
    for (isLazy, downloadsAtUse) in [(false, false), (true, false), (true, true)] {
      try await withTemporaryDirectory { directory in
        let bucket = try remote()
        let store = store(bucket, directory, isLazy: isLazy, downloadsAtUse: downloadsAtUse)
        try await store.load(id)
        #expect(store.openCount == (isLazy ? 0 : 1))
        #expect(try names(in: directory).isEmpty == downloadsAtUse)
        _ = try await store.header(of: id).get()
        #expect(store.openCount == 1)
        store.closeUnused(for: .zero)
        #expect(store.openCount == (isLazy ? 0 : 1))
      }
    }
  }

  // MARK: Damage

  @Test("a damaged, cut or stale file is made anew")
  func rebuilds() async throws {
    let (id, bytes) = try #require(try goldenHeaders().first)
    let other = try #require(try goldenHeaders().last).bytes
    var flipped = bytes
    flipped[bytes.count / 2] ^= 1
    for bad in [flipped, Array(bytes.dropLast(7)), Array(bytes.prefix(3)), [], other] {
      try await withTemporaryDirectory { directory in
        try FileManager.default.createDirectory(
          atPath: "\(directory)/\(id)", withIntermediateDirectories: false)
        let path = "\(directory)/\(id)/index-header"
        try Data(bad).write(to: URL(fileURLWithPath: path))
        let store = store(try remote(), directory)
        try await store.load(id)
        _ = try await store.header(of: id).get()
        #expect(try readFile(path) == bytes)
        #expect(try names(in: "\(directory)/\(id)") == ["index-header"])
      }
    }
  }

  @Test("an index of the same length and other contents makes a header stale")
  func noticesSameLength() async throws {
    try await withTemporaryDirectory { directory in
      let id = try firstBlock()
      let index = try ObjectName("\(id)/index")
      let memory = MemoryBucket()
      let bytes = try readFile("\(GoldenBlock.directory())/\(index)")
      try await memory.write(bytes, to: index)
      let bucket = RemoteBucket(memory)
      let first = store(bucket, directory)
      let header = try await first.header(of: id).get()
      // The table of contents names another place for the label indices, which nobody reads.
      var changed = bytes
      let start = bytes.count - 52
      changed[start + 23] ^= 1
      let checksum = CRC32C(changed[start..<changed.count - 4].span.bytes).value
      for place in 0..<4 {
        changed[changed.count - 4 + place] = UInt8(
          truncatingIfNeeded: checksum >> UInt32(24 - 8 * place))
      }
      try await memory.write(changed, to: index)
      let second = store(bucket, directory)
      let other = try await second.header(of: id).get()
      #expect(other.tableOfContents != header.tableOfContents)
      // Those who met damage can ask in the process that holds the old one, too.
      let replacement = try await first.header(of: id).replacement(for: header)
      #expect(replacement?.tableOfContents == other.tableOfContents)
      #expect(try await first.header(of: id).replacement(for: other) == nil)
    }
  }

  @Test("a header on disk is used while the bucket is away, and compared when it is back")
  func usesFileWithoutBucket() async throws {
    try await withTemporaryDirectory { directory in
      let id = try firstBlock()
      let bucket = try remote()
      try await store(bucket, directory).load(id)
      var away = RemoteBucket.Faults()
      away.failure = 1
      bucket.set(away)
      let store = store(bucket, directory)
      _ = try await store.header(of: id).get()
      store.closeUnused(for: .zero)
      bucket.set(RemoteBucket.Faults())
      bucket.reset()
      _ = try await store.header(of: id).get()
      #expect(bucket.reads.count == 1)
      store.closeUnused(for: .zero)
      bucket.reset()
      _ = try await store.header(of: id).get()
      #expect(bucket.reads.isEmpty)
    }
  }

  @Test("a damaged index in the bucket is an error that says so, not a crash")
  func damagedIndex() async throws {
    let id = try firstBlock()
    let index = try ObjectName("\(id)/index")
    let bytes = try readFile("\(GoldenBlock.directory())/\(index)")
    var random = SeededRandom(seed: 3)
    for round in 0..<60 {
      var damaged = bytes
      switch round % 3 {
      case 0: damaged = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)))
      case 1: damaged[damaged.count - 1 - round] ^= 0x40
      default: damaged[Int.random(in: 0..<5, using: &random)] ^= 0x10
      }
      let memory = MemoryBucket()
      try await memory.write(damaged, to: index)
      let store = store(RemoteBucket(memory), nil)
      let error = await #expect(throws: RemoteBlockError.self) { try await store.load(id) }
      guard case .damaged = error else {
        Issue.record("round \(round): \(String(describing: error))")
        continue
      }
    }
  }

  @Test("a header that fails is tried again after a while, and not before")
  func backsOff() async throws {
    try await withTemporaryDirectory { directory in
      let id = try firstBlock()
      let bucket = try remote()
      var away = RemoteBucket.Faults()
      away.failure = 1
      bucket.set(away)
      let reader = RangeReader(bucket, retries: RetryPolicy(attempts: 1))
      let registry = MetricRegistry()
      let slow = IndexHeaderStore(
        .init(dataDirectory: directory), reader: reader, metrics: IndexHeaderMetrics(registry),
        logger: RemoteFixture.quiet,
        retries: RetryPolicy(firstDelay: .seconds(3600), maxDelay: .seconds(3600)))
      for _ in 0..<3 {
        await #expect(throws: RemoteBlockError.self) { try await slow.header(of: id).get() }
      }
      #expect(bucket.count(.getRange) + bucket.count(.attributes) <= 3)
      let quick = IndexHeaderStore(
        .init(dataDirectory: directory), reader: reader, metrics: IndexHeaderMetrics(registry),
        logger: RemoteFixture.quiet, retries: RetryPolicy(firstDelay: .zero))
      await #expect(throws: RemoteBlockError.self) { try await quick.header(of: id).get() }
      bucket.set(RemoteBucket.Faults())
      _ = try await quick.header(of: id).get()
      #expect(quick.openCount == 1)
    }
  }

  // MARK: Life

  @Test("a header closes when nobody uses it, and opens again without being read through")
  func closesAndReopens() async throws {
    try await withTemporaryDirectory { directory in
      let bucket = try remote()
      let fixture = RemoteFixture(bucket, headers: .init(dataDirectory: directory))
      let id = try firstBlock()
      let first = try await fixture.headers.header(of: id).get()
      fixture.headers.closeUnused(for: .seconds(3600))
      #expect(fixture.headers.openCount == 1)
      fixture.headers.closeUnused(for: .zero)
      #expect(fixture.headers.openCount == 0)
      bucket.reset()
      let second = try await fixture.headers.header(of: id).get()
      #expect(fixture.headers.openCount == 1)
      #expect(bucket.reads.isEmpty)
      #expect(second.postingsOffsets.labelNames == first.postingsOffsets.labelNames)
      for reference in 0..<UInt32(first.symbols.count) {
        #expect(try second.symbols.bytes(of: reference) == first.symbols.bytes(of: reference))
      }
      let text = fixture.registry.exposition(.text)
      #expect(text.contains("thanos_bucket_store_indexheader_lazy_load_total 2"))
      #expect(text.contains("thanos_bucket_store_indexheader_lazy_unload_total 1"))
      #expect(text.contains("thanos_bucket_store_indexheader_load_duration_seconds_count 1"))
    }
  }

  @Test("the loop closes what nobody uses, and ends when it is cancelled")
  func loop() async throws {
    try await withTemporaryDirectory { directory in
      let fixture = RemoteFixture(
        try remote(), headers: .init(dataDirectory: directory, idleTimeout: .zero))
      _ = try await fixture.headers.header(of: firstBlock()).get()
      let loop = Task { await fixture.headers.run() }
      while fixture.headers.openCount > 0 { try await Task.sleep(for: .milliseconds(1)) }
      loop.cancel()
      await loop.value
    }
  }

  @Test("a data directory that takes no file is an error of its own that names the file")
  func unwritable() async throws {
    try await withTemporaryDirectory { directory in
      try Data().write(to: URL(fileURLWithPath: directory + "/file"))
      let store = store(try remote(), directory + "/file")
      let error = await #expect(throws: RemoteBlockError.self) {
        try await store.load(firstBlock())
      }
      guard case .unwritable = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(error?.description.contains(directory) == true)
    }
  }

  @Test("a file that was exchanged while it was closed is verified, and made anew if it is bad")
  func noticesExchange() async throws {
    try await withTemporaryDirectory { directory in
      let store = store(try remote(), directory)
      let (id, bytes) = try #require(try goldenHeaders().first)
      _ = try await store.header(of: id).get()
      store.closeUnused(for: .zero)
      let path = "\(directory)/\(id)/index-header"
      var bad = bytes
      bad[bytes.count / 3] ^= 0x55
      try FileManager.default.removeItem(atPath: path)
      try Data(bad).write(to: URL(fileURLWithPath: path))
      _ = try await store.header(of: id).get()
      #expect(try readFile(path) == bytes)
    }
  }

  @Test("many tasks that open, use and close a header at once all get right answers")
  func concurrency() async throws {
    try await withTemporaryDirectory { directory in
      let bucket = try remote()
      let store = store(bucket, directory)
      let golden = try goldenHeaders().prefix(3)
      let names = try golden.map { header in
        try IndexHeader(ByteSlice(ByteStorage(header.bytes))).postingsOffsets.labelNames
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<16 {
          group.addTask {
            for round in 0..<40 {
              let place = (task + round) % golden.count
              if task % 4 == 3 {
                store.closeUnused(for: .zero)
                continue
              }
              let header = try await store.header(of: golden[place].id).get()
              store.closeUnused(for: .zero)
              #expect(header.postingsOffsets.labelNames == names[place])
            }
          }
        }
        try await group.waitForAll()
      }
      // Each was made once.
      #expect(bucket.reads.count == 4 * golden.count)
    }
  }

  @Test("a task that is cancelled does not take the header away from those who wait with it")
  func cancellationIsAlone() async throws {
    let bucket = try RemoteBucket(
      directory: GoldenBlock.directory(), delay: .milliseconds(5))
    let store = store(bucket, nil)
    let id = try firstBlock()
    let first = Task { try await store.header(of: id).get() }
    while bucket.count(.attributes) == 0 { await Task.yield() }
    let second = Task { try await store.header(of: id).get() }
    first.cancel()
    await #expect(throws: RemoteBlockError.cancelled) { _ = try await first.value }
    _ = try await second.value
    #expect(bucket.reads.count == 4)
  }

  @Test("a query that outlives its block reads on, and makes no files")
  func outlives() async throws {
    try await withTemporaryDirectory { directory in
      let fixture = RemoteFixture(try remote(), headers: .init(dataDirectory: directory))
      let golden = try #require(try GoldenBlock.all().first)
      let block = fixture.block(golden.id, golden.reader.meta)
      try await fixture.headers.load(golden.id)
      await fixture.headers.remove(golden.id)
      fixture.bucket.reset()
      for _ in 0..<3 {
        #expect(try await block.labelNames() == golden.reader.index.labelNames())
      }
      #expect(fixture.bucket.reads.count == 4)
      #expect(try names(in: directory) == [])
      #expect(fixture.headers.openCount == 0)
    }
  }

  @Test("removing takes the directories of blocks that are not wanted, and nothing else")
  func removes() async throws {
    try await withTemporaryDirectory { directory in
      let store = store(try remote(), directory)
      let ids = try goldenHeaders().prefix(3).map(\.id)
      for id in ids { try await store.load(id) }
      let stray = "01M81TM769G6KD7MVWD56GJ0RY"
      for name in [stray, "meta-syncer", "lost+found"] {
        try FileManager.default.createDirectory(
          atPath: "\(directory)/\(name)/x", withIntermediateDirectories: true)
      }
      let held = try await store.header(of: ids[1]).get()
      await store.remove(ids[0])
      await store.removeAll(except: [ids[2]])
      #expect(try names(in: directory) == ["\(ids[2])", "lost+found", "meta-syncer"].sorted())
      #expect(held.symbols.count > 0)
      #expect(store.openCount == 0)
    }
  }
}
