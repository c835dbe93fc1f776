import BlockCatalog
import Foundation
import Logging
import ObjectStore
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import StoreGateway

@Suite struct BlockSyncTests {
  /// A sync of a directory, with what it publishes and counts.
  struct Fixture {
    let directory: String
    let registry = MetricRegistry()
    let blocks = PublishedBlocks()
    let sync: BlockSync

    init(_ directory: String, isAway: @escaping @Sendable () -> Bool = { false }) throws {
      self.directory = directory
      let bucket = try AwayBucket(bucket: FilesystemBucket(directory: directory), isAway: isAway)
      let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
      sync = BlockSync(
        bucket: bucket,
        fetcher: CatalogFetcher(
          bucket: bucket, rules: CatalogRules(), logger: logger, now: WallClock.milliseconds),
        publishing: blocks, metrics: SyncMetrics(registry), executor: .shared, logger: logger)
    }

    func makeBlock(_ number: Int64, replica: String = "a") throws -> String {
      let id = BlockID.make(now: number)
      let series = TestSeries(LabelSet(["__name__": "m"]), [(time: number, value: 1)])
      _ = try TestSupport.makeBlock(at: "\(directory)/\(id)", id: id, [series]) { meta in
        var thanos = ThanosMeta()
        thanos.labels = [.init(name: Array("replica".utf8), value: Array(replica.utf8))]
        meta.thanos = thanos
      }
      return "\(directory)/\(id)"
    }

    var served: [String] {
      blocks.current.sets.flatMap { $0.blocks.map { "\(directory)/\($0.id)" } }.sorted()
    }

    func counter(_ name: String) -> Double {
      registry.counter("thanos_bucket_store_\(name)", help: "").value
    }
  }

  @Test func `a block that cannot be opened does not stop the others and is tried again`()
    async throws
  {
    try await withTemporaryDirectory { directory in
      let fixture = try Fixture(directory)
      let good = try fixture.makeBlock(1)
      let broken = try fixture.makeBlock(2)
      let index = try fileBytes(broken + "/index")
      try writeFile(Array(index.dropLast(60)), to: broken + "/index")
      try await fixture.sync.run()
      #expect(fixture.served == [good])
      #expect(fixture.counter("block_loads_total") == 2)
      #expect(fixture.counter("block_load_failures_total") == 1)
      try writeFile(index, to: broken + "/index")
      try await fixture.sync.run()
      #expect(fixture.served == [good, broken])
      #expect(fixture.counter("block_loads_total") == 3)
      #expect(fixture.counter("block_load_failures_total") == 1)
    }
  }

  @Test func `blocks appear and disappear with the bucket`() async throws {
    try await withTemporaryDirectory { directory in
      let fixture = try Fixture(directory)
      try await fixture.sync.run()
      #expect(fixture.served.isEmpty)
      let first = try fixture.makeBlock(1)
      let second = try fixture.makeBlock(2)
      try await fixture.sync.run()
      #expect(fixture.served == [first, second])
      _ = try runProcess("rm", ["-r", first]).requireSuccess()
      try await fixture.sync.run()
      #expect(fixture.served == [second])
      #expect(fixture.counter("block_drops_total") == 1)
      #expect(fixture.counter("block_loads_total") == 2)
    }
  }

  @Test func `a block with new labels is opened anew`() async throws {
    try await withTemporaryDirectory { directory in
      let fixture = try Fixture(directory)
      let path = try fixture.makeBlock(1, replica: "a")
      try await fixture.sync.run()
      var meta = try BlockReader.readMeta(path)
      meta.thanos?.labels = [.init(name: Array("replica".utf8), value: Array("other".utf8))]
      try writeFile(meta.jsonBytes(), to: path + "/meta.json")
      try await fixture.sync.run()
      let labels = fixture.blocks.current.sets.first?.externalLabels.first
      #expect(labels?.value == Array("other".utf8))
      #expect(fixture.counter("block_drops_total") == 0)
    }
  }

  @Test func `when the bucket cannot be seen what was served stays`() async throws {
    try await withTemporaryDirectory { directory in
      let fixture = try Fixture(directory) {
        FileManager.default.fileExists(atPath: directory + "/away")
      }
      let path = try fixture.makeBlock(1)
      try await fixture.sync.run()
      try writeFile([], to: directory + "/away")
      await #expect(throws: BucketError.self) { try await fixture.sync.run() }
      #expect(fixture.served == [path])
      let failures = fixture.registry.counter("thanos_blocks_meta_sync_failures_total", help: "")
      #expect(failures.value == 1)
    }
  }
}

/// A bucket that cannot be listed at times.
struct AwayBucket: Bucket {
  let bucket: FilesystemBucket
  let isAway: @Sendable () -> Bool

  var name: String { bucket.name }

  func list(_ prefix: ObjectName?, recursive: Bool) async throws(BucketError) -> [ListedObject] {
    guard !isAway() else { throw BucketError(.transient, .iter, object: "", detail: "is away") }
    return try await bucket.list(prefix, recursive: recursive)
  }

  func attributes(_ name: ObjectName) async throws(BucketError) -> ObjectAttributes {
    try await bucket.attributes(name)
  }

  func exists(_ name: ObjectName) async throws(BucketError) -> Bool {
    try await bucket.exists(name)
  }

  func read(_ name: ObjectName, range: Range<Int>?) async throws(BucketError) -> [UInt8] {
    try await bucket.read(name, range: range)
  }

  func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    try await bucket.write(bytes, to: name)
  }

  func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    try await bucket.create(bytes, at: name)
  }

  func upload(file path: String, to name: ObjectName) async throws(BucketError) {
    try await bucket.upload(file: path, to: name)
  }

  func delete(_ name: ObjectName) async throws(BucketError) { try await bucket.delete(name) }

  func localPath(_ name: ObjectName) -> String? { bucket.localPath(name) }
}
