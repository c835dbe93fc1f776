import BlockCatalog
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

struct CleanupTests {
  @Test func `an interrupted deletion is finished`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    let id = BlockID.make(now: 1)
    let mark = DeletionMark(id: id, time: 1_799_000_000)
    try await bucket.write([1], to: ObjectName("\(id)/chunks/000001"))
    try await bucket.write(mark.jsonBytes(), to: ObjectName("\(id)/deletion-mark.json"))
    let report = try await fixture.service(bucket).compact()
    #expect(report.deletedBlocks == 1)
    #expect(try await bucket.list(nil, recursive: true).isEmpty)
  }

  @Test func `an upload that was given up goes after two days`() async throws {
    let fixture = try CompactorFixture()
    let written: Int64 = 1_800_000_000_000
    let bucket = MemoryBucket(now: { written })
    let id = BlockID.make(now: 1)
    try await bucket.write([1], to: ObjectName("\(id)/index"))
    _ = try await fixture.service(bucket).compact()
    #expect(try await !bucket.list(nil, recursive: true).isEmpty)
    fixture.wait(milliseconds: 49 * 3_600_000)
    _ = try await fixture.service(bucket).compact()
    #expect(try await bucket.list(nil, recursive: true).isEmpty)
  }

  @Test func `a block with an unreadable meta json is never deleted`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket(now: { 1 })
    let id = BlockID.make(now: 1)
    for (name, text) in [("index", "x"), ("meta.json", "{")] {
      try await bucket.write(Array(text.utf8), to: ObjectName("\(id)/\(name)"))
    }
    _ = try await fixture.service(bucket).compact()
    #expect(try await bucket.list(nil, recursive: true).count == 2)
  }

  @Test func `a duplicate is marked as outdated`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    let (small, large) = (BlockID.make(now: 1), BlockID.make(now: 2))
    for (id, sources) in [(small, [small]), (large, [small, large])] {
      var meta = BlockMeta(id: id, minTime: 0, maxTime: 10, thanos: ThanosMeta())
      meta.compaction.sources = sources
      try await bucket.write(meta.jsonBytes(), to: ObjectName("\(id)/meta.json"))
    }
    let report = try await fixture.service(bucket).compact()
    #expect(report.markedDuplicates == 1)
    let bytes = try await bucket.read(ObjectName("\(small)/deletion-mark.json"))
    #expect(try DeletionMark(json: bytes).details == "outdated block")
    #expect(try await !fixture.isMarked(large, in: bucket))
  }
}
