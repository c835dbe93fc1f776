import FoundationEssentials
import Logging
import ObjectStore
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import BlockCatalog

/// Looking at a bucket again and again: what is read, what is remembered, what is missing.
@Suite struct CatalogViewTests {
  private let bucket = CountingBucket()
  private let registry = MetricRegistry()

  private func fetcher(
    _ discovery: BlockDiscovery = .concurrent, metaCache: MetaCache? = nil
  ) -> CatalogFetcher {
    CatalogFetcher(
      bucket: bucket, rules: CatalogRules(), discovery: discovery, metaCache: metaCache,
      metrics: CatalogMetrics(registry, showsCompactionMarks: false),
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      now: { 1_800_000_000_000 })
  }

  /// The block whose identity has this number at the end of its time.
  private static func id(_ number: Int) throws -> BlockID {
    let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    let text = "000000000\(digits[number])" + String(repeating: "0", count: 16)
    return try #require(BlockID(text))
  }

  private func put(_ number: Int, minTime: Int64 = 0) async throws {
    let id = try Self.id(number)
    var meta = BlockMeta(id: id, minTime: minTime, maxTime: 100, thanos: ThanosMeta())
    meta.compaction.sources = [id]
    try await bucket.write([1], to: id.object("index"))
    try await bucket.write([1], to: id.object("chunks/000001"))
    try await bucket.write(meta.jsonBytes(), to: id.object("meta.json"))
  }

  private func write(_ text: String, _ number: Int, _ file: String) async throws {
    try await bucket.write(Array(text.utf8), to: Self.id(number).object(file))
  }

  private func numbers(_ view: CatalogView) throws -> [Int] {
    let known = try (0..<32).map { try Self.id($0) }
    return view.snapshot.entries.compactMap { known.firstIndex(of: $0.id) }
  }

  private func value(_ name: String) -> Double {
    registry.counter("thanos_blocks_meta_\(name)_total", help: "").value
  }

  @Test("metas are copied to the disk, and what happens to blocks and copies is noticed")
  func sequence() async throws {
    try await withTemporaryDirectory { data in
      let cache = MetaCache(dataDirectory: data)
      #expect(try numbers(await fetcher(metaCache: cache).look()) == [])
      for number in 1...3 { try await put(number) }
      #expect(try numbers(await fetcher(metaCache: cache).look()) == [1, 2, 3])
      _ = bucket.takeCalls()
      // A new process finds everything on its disk.
      #expect(try numbers(await fetcher(metaCache: cache).look()) == [1, 2, 3])
      #expect(bucket.takeCalls()["read"] == nil)

      let copy = { (number: Int) in try "\(data)/meta-syncer/\(Self.id(number))/meta.json" }
      try FileManager.default.removeItem(atPath: copy(2))
      let size = try Data(contentsOf: URL(filePath: copy(3))).count
      try Data(repeating: 0x7B, count: size).write(to: URL(filePath: copy(3)))
      let fetcher = fetcher(metaCache: cache)
      #expect(try numbers(await fetcher.look()) == [1, 2, 3])
      #expect(bucket.takeCalls()["read"] == 2)
      let restored = try Data(contentsOf: URL(filePath: copy(3)))
      #expect(try await bucket.read(Self.id(3).object("meta.json")) == Array(restored))

      try await write("x", 4, "index")
      try await write("{not json", 5, "meta.json")
      let view = try await fetcher.look()
      #expect(try numbers(view) == [1, 2, 3])
      #expect(view.snapshot.partials.map(\.state) == [.noMeta, .corruptedMeta])
      #expect(view.gap == nil)
      #expect(!FileManager.default.fileExists(atPath: try copy(5)))
      #expect(value("base_cache_busts") == 0)

      // A meta that changed is read once, whether it was in memory or on the disk.
      try await put(1, minTime: -1000)
      #expect(try await fetcher.look().snapshot.entries[0].meta.minTime == -1000)
      #expect(value("base_cache_busts") == 1)
      _ = bucket.takeCalls()
      let again = try await self.fetcher(metaCache: cache).look()
      #expect(again.snapshot.entries[0].meta.minTime == -1000)
      #expect(value("base_cache_busts") == 1)

      try await BlockDeletion.delete(Self.id(2), from: bucket)
      #expect(try numbers(await fetcher.look()) == [1, 3])
      #expect(!FileManager.default.fileExists(atPath: "\(data)/meta-syncer/\(try Self.id(2))"))
      #expect(FileManager.default.fileExists(atPath: try copy(1)))

      // Copies stay as long as the view is not complete.
      try await BlockDeletion.delete(Self.id(3), from: bucket)
      try await write(#"{"version": 20}"#, 7, "meta.json")
      let incomplete = try await fetcher.look()
      #expect(try numbers(incomplete) == [1])
      #expect(incomplete.snapshot.counts[.failed] == 1)
      #expect(
        incomplete.gap.map { "\($0)" }
          == "incomplete view: 00000000070000000000000000/meta.json: version: is 20, only 1 is known"
      )
      #expect(incomplete.gap?.isTransient == false)
      #expect(value("sync_failures") == 1)
      #expect(FileManager.default.fileExists(atPath: try copy(3)))
    }
  }

  @Test("a copy older than the object, or of another size, is read again")
  func staleCopies() async throws {
    try await withTemporaryDirectory { data in
      let cache = MetaCache(dataDirectory: data)
      try await put(1)
      try await put(2)
      _ = try await fetcher(metaCache: cache).look()
      // The same size, but younger than the copy; and another size.
      let first = try Self.id(1)
      let path = "\(data)/meta-syncer/\(first)/meta.json"
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1000)], ofItemAtPath: path)
      try await put(2, minTime: -50)
      _ = bucket.takeCalls()
      let view = try await fetcher(metaCache: cache).look()
      #expect(view.snapshot.entries.map(\.meta.minTime) == [0, -50])
      #expect(bucket.takeCalls()["read"] == 2)
      #expect(value("base_cache_busts") == 2)
    }
  }

  @Test("a data directory that cannot be written costs the copies and nothing else")
  func unwritable() async throws {
    try await withTemporaryDirectory { data in
      try Data().write(to: URL(filePath: data + "/file"))
      try await put(1)
      let fetcher = fetcher(metaCache: MetaCache(dataDirectory: data + "/file"))
      #expect(try numbers(await fetcher.look()) == [1])
    }
  }

  @Test("both ways to find blocks find the same, byte for byte of what is read")
  func discoveries() async throws {
    for number in 1...9 { try await put(number) }
    try await write("x", 10, "chunks/000001")
    try await write("x", 11, "index")
    try await write(#"{"version": 3}"#, 12, "meta.json")
    let mark = DeletionMark(id: try Self.id(3), time: 1)
    try await bucket.write(mark.jsonBytes(), to: Self.id(3).object(DeletionMark.fileName))
    // Names that are no block, at every place.
    for name in [
      "debug/meta.json", "000000000D0000000000000000", "0000000001000000000000000U/meta.json",
      "000000000100000000000000000/meta.json", "x/00000000010000000000000000/meta.json",
    ] {
      try await bucket.write([1], to: ObjectName(name))
    }
    let concurrent = try await fetcher(.concurrent).look()
    let recursive = try await fetcher(.recursive).look()
    #expect(concurrent.directories == recursive.directories)
    #expect(concurrent.directories.count == 12)
    #expect(concurrent.gap == recursive.gap)
    #expect(concurrent.snapshot.counts == recursive.snapshot.counts)
    #expect(concurrent.snapshot.entries.map(\.meta) == recursive.snapshot.entries.map(\.meta))
    #expect(concurrent.snapshot.partials == recursive.snapshot.partials)
    #expect(concurrent.snapshot.hidden == [try Self.id(3): .markedForDeletion])
    #expect(recursive.snapshot.hidden == concurrent.snapshot.hidden)
  }

  @Test("nothing is read of blocks that did not change, marks included")
  func callsPerSync() async throws {
    for number in 1...20 { try await put(number) }
    let mark = NoCompactMark(id: try Self.id(1), time: 1, reason: MarkReason.manual)
    try await bucket.write(mark.jsonBytes(), to: Self.id(1).object(NoCompactMark.fileName))
    let (concurrent, recursive) = (fetcher(.concurrent), fetcher(.recursive))
    _ = try await concurrent.look()
    #expect(bucket.takeCalls() == ["list": 21, "read": 21])
    _ = try await concurrent.look()
    #expect(bucket.takeCalls() == ["list": 21])
    _ = try await recursive.look()
    #expect(bucket.takeCalls() == ["list all": 1, "read": 21])
    _ = try await recursive.look()
    #expect(bucket.takeCalls() == ["list all": 1])
    try await put(5, minTime: -1234)
    _ = try await recursive.look()
    #expect(bucket.takeCalls() == ["list all": 1, "read": 1])
    _ = try await recursive.look(at: [Self.id(5), Self.id(6)])
    #expect(bucket.takeCalls() == ["list": 2])
    #expect(value("syncs") == 5)
    #expect(value("base_syncs") == 5)
    #expect(value("base_cache_busts") == 1)
  }

  @Test(
    "a file that cannot be read is a gap; the other blocks are found", arguments: [false, true])
  func unreadable(isDenied: Bool) async throws {
    for number in 1...3 { try await put(number) }
    let fetcher = fetcher()
    #expect(try await fetcher.look().gap == nil)
    let object = "\(try Self.id(2))/meta.json"
    bucket.refuse(object, isDenied ? .denied : .transient)
    // Known and unchanged, it need not be read.
    #expect(try await fetcher.look().gap == nil)
    try await put(2, minTime: -777)
    let view = try await fetcher.look()
    #expect(try numbers(view) == [1, 3])
    #expect(view.directories.count == 3)
    #expect(view.gap?.parts.map(\.id) == [try Self.id(2)])
    #expect(view.gap?.isTransient == !isDenied)
    #expect(view.gap.map { "\($0)" } == "incomplete view: cannot read \(object): refused")
    #expect(view.snapshot.counts[.failed] == 1)
    #expect(value("sync_failures") == 1)
    // Who must see everything gets the error instead.
    let error = await #expect(throws: BucketError.self) { try await fetcher.fetch() }
    #expect(error?.object == object)
    bucket.refuse(object, nil)
    // Looking at the block alone closes the gap.
    let healed = try await fetcher.look(at: [Self.id(2)])
    #expect(healed.gap == nil)
    #expect(try numbers(healed) == [1, 2, 3])
    #expect(healed.snapshot.entries[1].meta.minTime == -777)
  }

  @Test("a directory that cannot be listed is a gap, a root that cannot be listed an error")
  func unlistable() async throws {
    try await put(1)
    try await put(2)
    bucket.refuse("\(try Self.id(1))", .denied)
    let fetcher = fetcher()
    let view = try await fetcher.look()
    #expect(try numbers(view) == [2])
    #expect(view.gap?.parts.map(\.id) == [try Self.id(1)])
    bucket.refuse("", .transient)
    let error = await #expect(throws: BucketError.self) { _ = try await fetcher.look() }
    #expect(error?.code == .transient)
    #expect(value("sync_failures") == 2)
    #expect(value("syncs") == 2)
  }

  @Test("a look at one block forgets it when it is gone and leaves the others as they were seen")
  func lookAtOne() async throws {
    for number in 1...3 { try await put(number) }
    let fetcher = fetcher()
    _ = try await fetcher.look()
    try await BlockDeletion.delete(Self.id(2), from: bucket)
    try await BlockDeletion.delete(Self.id(3), from: bucket)
    let view = try await fetcher.look(at: [Self.id(2)])
    #expect(try numbers(view) == [1, 3])
    #expect(view.directories == [try Self.id(1), try Self.id(3)])
  }

  @Test("the metrics of a look exist from the start under the names of the reference")
  func names() async throws {
    _ = fetcher()
    let text = registry.exposition(.text)
    for state in [
      "corrupted-meta-json", "no-meta-json", "loaded", "too-fresh", "failed", "label-excluded",
      "time-excluded", "duplicate", "marked-for-deletion", "marked-for-no-compact",
      "parquet-migrated",
    ] {
      #expect(text.contains("thanos_blocks_meta_synced{state=\"\(state)\"} 0\n"))
    }
    #expect(!text.contains("marked-for-no-downsample"))
    #expect(text.contains("thanos_blocks_meta_modified{modified=\"replica-label-removed\"} 0\n"))
    for name in ["base_syncs", "base_cache_busts", "syncs", "sync_failures"] {
      #expect(text.contains("thanos_blocks_meta_\(name)_total 0\n"))
    }
    let compactor = MetricRegistry()
    _ = CatalogMetrics(compactor, showsCompactionMarks: true)
    #expect(compactor.exposition(.text).contains("{state=\"marked-for-no-downsample\"} 0\n"))
  }
}
