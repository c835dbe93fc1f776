import Logging
import ObjectStore
import TSDBBlock
import Testing

@testable import BlockCatalog

struct CatalogFetcherTests {
  private let bucket = MemoryBucket()
  private let now: Int64 = 1_800_000_000_000

  @Test func `only directories named like a block are looked at`() async throws {
    let id = try await put(1)
    try await bucket.write([1], to: ObjectName("debug/metas/x.json"))
    try await bucket.write([1], to: ObjectName("\(id.description.lowercased())/meta.json"))
    try await bucket.write([1], to: ObjectName("01HRHZ2KZ8H174NHP7YJ73AGKH"))
    let snapshot = try await fetch()
    #expect(snapshot.entries.map(\.id) == [id])
    #expect(snapshot.partials.isEmpty)
    #expect(snapshot.counts[.loaded] == 1)
  }

  @Test func `a block without usable meta json is partial and says why`() async throws {
    let missing = BlockID.make(now: 1)
    let broken = BlockID.make(now: 2)
    let newer = BlockID.make(now: 3)
    let foreign = BlockID.make(now: 4)
    try await bucket.write([1], to: missing.object("index"))
    try await bucket.write(Array("{".utf8), to: broken.object("meta.json"))
    try await bucket.write(Array(#"{"version":2}"#.utf8), to: newer.object("meta.json"))
    try await bucket.write(Array(#"{"version":1}"#.utf8), to: foreign.object("meta.json"))
    let snapshot = try await fetch()
    #expect(
      snapshot.partials.map(\.state) == [.noMeta, .corruptedMeta, .failed, .corruptedMeta])
    #expect(snapshot.partials[0].reason == "meta.json is missing")
    #expect(snapshot.partials[2].reason == "meta.json: version: is 2, only 1 is known")
    #expect(snapshot.counts[.corruptedMeta] == 2)
    #expect(snapshot.entries.isEmpty)
  }

  @Test func `a mark hides its block once it is older than the delay`() async throws {
    let young = try await put(1)
    let old = try await put(2)
    try await mark(young, age: 100)
    try await mark(old, age: 101)
    var rules = CatalogRules()
    rules.deletionDelay = DeletionDelay(milliseconds: 100_000)
    let snapshot = try await fetch(rules)
    #expect(snapshot.entries.map(\.id) == [young])
    #expect(snapshot.entries[0].deletionMark != nil)
    #expect(Set(snapshot.deletionMarks.keys) == [young, old])
    #expect(snapshot.counts[.markedForDeletion] == 1)
  }

  @Test func `a mark that cannot be read is as no mark`() async throws {
    let id = try await put(1)
    try await bucket.write(Array("{".utf8), to: id.object("deletion-mark.json"))
    let snapshot = try await fetch()
    #expect(snapshot.entries.map(\.id) == [id])
    #expect(snapshot.deletionMarks.isEmpty)
  }

  @Test func `changes between two looks are seen`() async throws {
    let first = try await put(1)
    let second = try await put(2)
    let fetcher = fetcher(CatalogRules())
    #expect(try await fetcher.fetch().entries.map(\.id) == [first, second])
    try await mark(first, age: 10)
    try await BlockDeletion.delete(second, from: bucket)
    let third = try await put(3)
    let snapshot = try await fetcher.fetch()
    #expect(snapshot.entries.map(\.id) == [third])
    try await bucket.delete(first.object("deletion-mark.json"))
    #expect(try await fetcher.fetch().entries.map(\.id) == [first, third])
  }

  @Test func `replica labels go before duplicates are looked for`() async throws {
    let parts = [BlockID.make(now: 1), BlockID.make(now: 2)]
    let merged = try await put(3, labels: ["region": "x"], sources: parts)
    let part = try await put(4, labels: ["region": "x", "replica": "A"], sources: [parts[0]])
    #expect(try await fetch().entries.map(\.id) == [merged, part])
    var rules = CatalogRules()
    rules.replicaLabels = ReplicaLabels([Array("replica".utf8)])
    let snapshot = try await fetch(rules)
    #expect(snapshot.entries.map(\.id) == [merged])
    #expect(snapshot.duplicates.map(\.id) == [part])
    #expect(snapshot.removedReplicaLabels == 1)
  }

  @Test func `a block with replica labels only keeps one label`() {
    var meta = BlockMeta(id: .zero, minTime: 0, maxTime: 1, thanos: ThanosMeta())
    meta.thanos?.labels = [.init(name: [0x72], value: [0x31])]
    let labels = ReplicaLabels([[0x72], [0x61]])
    #expect(labels.remove(from: &meta) == 1)
    #expect(meta.thanos?.labels == [.init(name: [0x61], value: Array("deduped".utf8))])
    #expect(labels.remove(from: &meta) == 1)
  }

  @Test(arguments: [(10, 20, true), (20, 30, true), (0, 9, false), (21, 30, false)])
  func `the time partition counts both ends`(from: Int64, to: Int64, isKept: Bool) {
    let meta = BlockMeta(id: .zero, minTime: 10, maxTime: 20)
    #expect(TimePartition(range: from...to).keeps(meta) == isKept)
  }

  // MARK: - Fixtures

  private func put(
    _ time: Int64, labels: [String: String] = ["region": "x"], sources: [BlockID]? = nil
  ) async throws -> BlockID {
    let id = BlockID.make(now: time)
    var meta = BlockMeta(id: id, minTime: 0, maxTime: 10, thanos: ThanosMeta())
    meta.compaction.sources = sources ?? [id]
    meta.thanos?.labels = labels.map {
      ThanosMeta.Label(name: Array($0.key.utf8), value: Array($0.value.utf8))
    }
    try await bucket.write([1], to: id.object("index"))
    try await bucket.write(meta.jsonBytes(), to: id.object("meta.json"))
    return id
  }

  private func mark(_ id: BlockID, age seconds: Int64) async throws {
    let mark = DeletionMark(id: id, time: now / 1000 - seconds)
    #expect(try await BlockMarking.write(mark, of: id, in: bucket))
  }

  private func fetch(_ rules: CatalogRules = CatalogRules()) async throws -> CatalogSnapshot {
    try await fetcher(rules).fetch()
  }

  private func fetcher(_ rules: CatalogRules) -> CatalogFetcher {
    CatalogFetcher(
      bucket: bucket, rules: rules, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      now: { [now] in now })
  }
}
