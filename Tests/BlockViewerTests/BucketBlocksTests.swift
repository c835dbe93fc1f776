import BlockCatalog
import BlockViewer
import Logging
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

struct BucketBlocksTests {
  private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private func blocks(
    of bucket: any Bucket, interval: Duration, limit: Duration = .seconds(60)
  ) -> BucketBlocks {
    BucketBlocks(
      CatalogFetcher(bucket: bucket, rules: BucketBlocks.rules, logger: quiet, now: { 9 }),
      interval: interval, limit: limit, now: { 9 })
  }

  private func add(_ meta: BlockMeta, to bucket: MemoryBucket) async throws {
    try await bucket.write(meta.jsonBytes(), to: ObjectName("\(meta.id)/meta.json"))
  }

  @Test func `every block is there, marked ones and duplicates too`() async throws {
    let bucket = MemoryBucket()
    let (first, second) = (BlockID.make(now: 1), BlockID.make(now: 2))
    try await add(BlockMeta(id: first, minTime: 0, maxTime: 1), to: bucket)
    try await add(BlockMeta(id: second, minTime: 0, maxTime: 1), to: bucket)
    _ = try await BlockMarking.write(
      DeletionMark(id: first, time: 0), of: first, in: bucket)
    let content = await blocks(of: bucket, interval: .zero).content()
    #expect(content.blocks.map(\.meta.id) == [first, second])
    #expect(content.blocks.map(\.isMarkedForDeletion) == [true, false])
    #expect(content.refreshed == 9)
    #expect(content.failure == nil)
  }

  @Test func `the bucket is looked at again only when the last look is old`() async throws {
    let bucket = MemoryBucket()
    try await add(BlockMeta(id: .make(now: 1), minTime: 0, maxTime: 1), to: bucket)
    let (lazy, eager) = (
      blocks(of: bucket, interval: .seconds(3600)), blocks(of: bucket, interval: .zero)
    )
    #expect(await lazy.content().blocks.count == 1)
    #expect(await eager.content().blocks.count == 1)
    try await add(BlockMeta(id: .make(now: 2), minTime: 0, maxTime: 1), to: bucket)
    #expect(await lazy.content().blocks.count == 1)
    #expect(await eager.content().blocks.count == 2)
  }

  @Test func `a look that takes too long is given up, and the reason shown`() async throws {
    let content = await blocks(
      of: EndlessBucket(), interval: .zero, limit: .milliseconds(20)
    ).content()
    #expect(content.failure?.contains("took longer than 0.02 seconds") == true)
    #expect(content.blocks.isEmpty)
  }
}

/// A bucket whose listing never ends.
private struct EndlessBucket: Bucket {
  let name = "endless"

  func list(
    _ prefix: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ListedObject] {
    try? await Task.sleep(for: .seconds(3600))
    throw BucketError(.transient, .iter, object: "", detail: "cancelled")
  }

  func attributes(_ name: ObjectName) async throws(BucketError) -> ObjectAttributes {
    throw BucketError(.notFound, .attributes, object: name.text, detail: "")
  }

  func exists(_ name: ObjectName) async throws(BucketError) -> Bool { false }

  func read(_ name: ObjectName, range: Range<Int>?) async throws(BucketError) -> [UInt8] {
    throw BucketError(.notFound, .get, object: name.text, detail: "")
  }

  func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {}
  func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {}
  func upload(file path: String, to name: ObjectName) async throws(BucketError) {}
  func delete(_ name: ObjectName) async throws(BucketError) {}
  func localPath(_ name: ObjectName) -> String? { nil }
}
