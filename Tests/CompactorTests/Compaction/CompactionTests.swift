import BlockCatalog
import Foundation
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

struct CompactionTests {
  @Test func `four blocks of two hours become one of eight`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    let ids = try await fixture.putRandom(windows: 0..<5, in: bucket)
    let report = try await fixture.service(bucket).compact()
    #expect(report.isClean)
    let merged = try #require(report.mergedBlocks.first)
    #expect(report.mergedBlocks.count == 1)
    #expect(try await fixture.liveSamples(in: bucket) == fixture.model)
    for id in ids.dropLast() { #expect(try await fixture.isMarked(id, in: bucket)) }
    #expect(try await !fixture.isMarked(ids[4], in: bucket))

    let meta = try await fixture.meta(merged, in: bucket)
    #expect(meta.minTime == 0)
    #expect(meta.maxTime == 4 * CompactorFixture.twoHours)
    #expect(meta.compaction.level == 2)
    #expect(meta.compaction.sources == Array(ids.dropLast()))
    #expect(meta.compaction.parents.map(\.id) == Array(ids.dropLast()))
    #expect(meta.thanos?.source == "compactor")
    #expect(meta.thanos?.labels == [.init(name: Array("cluster".utf8), value: Array("a".utf8))])
    #expect(meta.thanos?.segmentFiles == ["000001"])
    #expect(meta.thanos?.files.map(\.path) == ["chunks/000001", "index", "meta.json"])
    let objects = try await bucket.list(ObjectName(merged.description), recursive: true)
    #expect(objects.map(\.name.lastComponent) == ["000001", "index", "meta.json"])
    #expect(fixture.names(in: fixture.directory + "/data").isEmpty)
  }

  @Test func `a second run finds nothing to do`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    _ = try await fixture.putRandom(windows: 0..<5, in: bucket)
    _ = try await fixture.service(bucket).compact()
    let report = try await fixture.service(bucket).compact()
    #expect(report == RunReport())
  }

  @Test func `marked blocks go when the delay is over`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    _ = try await fixture.putRandom(windows: 0..<5, in: bucket)
    let merged = try await fixture.service(bucket).compact().mergedBlocks
    let before = try await bucket.list(nil, recursive: false).compactMap {
      BlockID($0.name.lastComponent)
    }
    #expect(before.count == 6)
    fixture.wait(milliseconds: 49 * 3_600_000)
    let report = try await fixture.service(bucket).compact()
    #expect(report.deletedBlocks == 4)
    let left = try await bucket.list(nil, recursive: false).compactMap {
      BlockID($0.name.lastComponent)
    }
    #expect(left.count == 2)
    #expect(Set(left).isSuperset(of: merged))
    #expect(try await fixture.liveSamples(in: bucket) == fixture.model)
  }

  @Test func `groups do not mix`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    _ = try await fixture.putRandom(windows: 0..<5, in: bucket, seed: 1)
    let other = try CompactorFixture()
    _ = try await other.putRandom(windows: 0..<5, in: bucket, seed: 2, labels: ["cluster": "b"])
    let report = try await fixture.service(bucket).compact()
    #expect(report.mergedBlocks.count == 2)
    for (label, expected) in [("a", fixture.model), ("b", other.model)] {
      let samples = try await fixture.samples(in: bucket) { id in
        let labels = try await fixture.meta(id, in: bucket).thanos?.labels
        guard labels?.first?.value == Array(label.utf8) else { return false }
        return try await !fixture.isMarked(id, in: bucket)
      }
      #expect(samples == expected)
    }
  }

  @Test func `a damaged block is skipped and the others go on`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    let ids = try await fixture.putRandom(windows: 0..<9, in: bucket)
    let chunks = try ObjectName("\(ids[1])/chunks/000001")
    var bytes = try await bucket.read(chunks)
    bytes[20] ^= 0xFF
    try await bucket.write(bytes, to: chunks)
    let report = try await fixture.service(bucket).compact()
    #expect(report.skippedBlocks == [ids[1]])
    #expect(report.failures.count == 1)
    #expect(report.failures[0].hasPrefix("block \(ids[1]): chunks/000001: chunk at offset"))
    // The first window has two parts beside the damaged one, the second is whole.
    #expect(report.mergedBlocks.count == 2)
    for id in [ids[0], ids[1], ids[8]] { #expect(try await !fixture.isMarked(id, in: bucket)) }
    for id in ids[2..<8] { #expect(try await fixture.isMarked(id, in: bucket)) }

    let mark = try NoCompactMark(
      json: try await bucket.read(ObjectName("\(ids[1])/no-compact-mark.json")))
    #expect(mark.reason == "block-damaged")
    #expect(mark.details.contains("chunks/000001: chunk at offset"))
    #expect(mark.details.hasSuffix("blocktool inspect \(ids[1])"))
    let second = try await fixture.service(bucket).compact()
    #expect(second.isClean)
  }

  @Test func `a block that cannot be opened is skipped but not marked`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    let ids = try await fixture.putRandom(windows: 0..<5, in: bucket)
    try await bucket.delete(ObjectName("\(ids[1])/index"))
    let report = try await fixture.service(bucket).compact()
    #expect(!report.isClean)
    #expect(try await !bucket.exists(ObjectName("\(ids[1])/no-compact-mark.json")))
  }

  @Test func `a compactor that halts on errors marks nothing as damaged`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    let ids = try await fixture.putRandom(windows: 0..<5, in: bucket)
    try await bucket.write([1], to: ObjectName("\(ids[1])/index"))
    let report = try await fixture.service(bucket) { $0.haltsOnError = true }.compact()
    #expect(!report.isClean)
    #expect(try await !bucket.exists(ObjectName("\(ids[1])/no-compact-mark.json")))
  }

  @Test func `groups that are compacted at once become what they become one by one`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    for cluster in ["a", "b", "c", "d", "e"] {
      _ = try await fixture.putRandom(
        windows: 0..<9, in: bucket, seed: UInt64(cluster.utf8.first ?? 0),
        labels: ["cluster": cluster])
    }
    let report = try await fixture.service(bucket) { $0.groupConcurrency = 3 }.compact()
    #expect(report.isClean)
    #expect(report.mergedBlocks.count == 10)
    #expect(fixture.names(in: fixture.directory + "/data").isEmpty)
  }

  @Test(arguments: [OverlapPolicy.chain, .penalty, .lossless])
  func `replicas become one block with every series`(policy: OverlapPolicy) async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    for replica in ["x", "y"] {
      _ = try await fixture.putRandom(
        windows: 0..<5, in: bucket, seed: UInt64(replica.utf8.first ?? 0),
        labels: ["cluster": "a", "replica": replica])
    }
    let report = try await fixture.service(bucket) { configuration in
      configuration.replicaLabels = ReplicaLabels([Array("replica".utf8)])
      configuration.overlaps = policy
      configuration.planner.mergesOverlaps = true
    }.compact()
    #expect(report.isClean)
    let samples = try await fixture.liveSamples(in: bucket)
    #expect(samples.keys.sorted() == fixture.model.keys.sorted())
    for (labels, times) in samples {
      let all = fixture.model[labels] ?? [:]
      if policy == .chain {
        #expect(times.keys.sorted() == all.keys.sorted())
      } else {
        #expect(Set(times.keys).isSubset(of: all.keys))
      }
    }
    let merged = try #require(report.mergedBlocks.last)
    let labels = try await fixture.meta(merged, in: bucket).thanos?.labels
    #expect(labels == [.init(name: Array("cluster".utf8), value: Array("a".utf8))])
  }

  @Test func `a group with overlapping blocks is left alone`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    _ = try await fixture.putRandom(windows: 0..<4, in: bucket)
    _ = try await fixture.put([:], window: 4, in: bucket)
    _ = try await fixture.put(
      [LabelSet(["a": "b"]): [1: 1]], window: 0, in: bucket, labels: ["cluster": "c"])
    let overlapping = BlockID.make(now: 1)
    var meta = BlockMeta(id: overlapping, minTime: 1, maxTime: 2, thanos: ThanosMeta())
    meta.thanos?.labels = [.init(name: Array("cluster".utf8), value: Array("a".utf8))]
    meta.compaction.sources = [overlapping]
    try await bucket.write(meta.jsonBytes(), to: ObjectName("\(overlapping)/meta.json"))
    let report = try await fixture.service(bucket).compact()
    #expect(report.mergedBlocks.isEmpty)
    #expect(report.overlappingGroups.count == 1)
    #expect(!report.isClean)
  }

  @Test func `blocks without samples are marked and no block is made`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    for window in 0..<5 as Range<Int64> { try await fixture.put([:], window: window, in: bucket) }
    let report = try await fixture.service(bucket).compact()
    #expect(report.isClean)
    #expect(report.mergedBlocks.isEmpty)
    #expect(try await fixture.liveSamples(in: bucket).isEmpty)
    let snapshot = try await bucket.list(nil, recursive: true).filter {
      $0.name.lastComponent == "deletion-mark.json"
    }
    #expect(snapshot.count == 4)
  }

  @Test func `a bucket directory that is the data directory keeps nothing of ours`() async throws {
    let fixture = try CompactorFixture()
    let root = fixture.directory + "/shared"
    let bucket = try FilesystemBucket(directory: root)
    _ = try await fixture.putRandom(windows: 0..<5, in: bucket)
    try await bucket.write([1], to: ObjectName("compact/precious.txt"))
    let report = try await fixture.service(bucket, dataDirectory: root).compact()
    #expect(report.mergedBlocks.count == 1)
    #expect(try await fixture.liveSamples(in: bucket) == fixture.model)
    #expect(try await bucket.exists(ObjectName("compact/precious.txt")))
    #expect(fixture.names(in: root).filter { $0.hasPrefix(".") }.isEmpty)
  }

  @Test func `a cancelled run changes nothing`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    _ = try await fixture.putRandom(windows: 0..<5, in: bucket)
    let before = try await bucket.list(nil, recursive: true).map(\.name)
    let service = fixture.service(bucket)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await service.compact()
    }
    _ = try await task.value
    #expect(try await bucket.list(nil, recursive: true).map(\.name) == before)
  }
}
