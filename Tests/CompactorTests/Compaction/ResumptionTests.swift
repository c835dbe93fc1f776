import BlockCatalog
import Foundation
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

/// What a run leaves that was stopped between the proof of a block and its upload.
struct ResumptionTests {
  private let fixture: CompactorFixture
  private let bucket: MemoryBucket
  private let ids: [BlockID]

  init() async throws {
    fixture = try CompactorFixture()
    bucket = fixture.makeBucket()
    ids = try await fixture.putRandom(windows: 0..<5, in: bucket)
  }

  private var jobs: [String] {
    fixture.names(in: fixture.directory + "/data/compact").map {
      "\(fixture.directory)/data/compact/\($0)"
    }
  }

  /// Makes a block that cannot be uploaded; returns it and its directory.
  private func interrupt(
    configure: (inout CompactorConfiguration) -> Void = { _ in }
  ) async throws -> (id: BlockID, path: String) {
    // The first change is the lease.
    let faulty = FaultBucket(bucket, failingAfter: 1)
    let report = try? await fixture.service(faulty, configure: configure).compact()
    #expect(report?.isClean != true)
    let job = try #require(jobs.first)
    let block = try #require(fixture.names(in: job).compactMap { BlockID($0) }.first)
    #expect(fixture.names(in: job).contains("journal"))
    return (block, "\(job)/\(block)")
  }

  /// Runs to the end; returns the block that was made.
  private func finish(
    configure: (inout CompactorConfiguration) -> Void = { _ in }
  ) async throws -> BlockID {
    let report = try await fixture.service(bucket, configure: configure).compact()
    #expect(report.failures == [])
    #expect(report.isClean)
    #expect(try await fixture.liveSamples(in: bucket) == fixture.model)
    for id in ids.dropLast() { #expect(try await fixture.isMarked(id, in: bucket)) }
    #expect(jobs.isEmpty)
    return try #require(report.mergedBlocks.first)
  }

  @Test func `a proven block is not made again`() async throws {
    let (block, _) = try await interrupt()
    let observer = CountingObserver()
    let report = try await fixture.service(bucket, observer: observer).compact()
    #expect(report.mergedBlocks == [block])
    #expect(observer.count == 0)
    #expect(try await fixture.liveSamples(in: bucket) == fixture.model)
    #expect(try await fixture.meta(block, in: bucket).compaction.sources == Array(ids.dropLast()))
    #expect(jobs.isEmpty)
  }

  @Test func `an upload goes on with the files that are missing`() async throws {
    let faulty = FaultBucket(bucket, failingAfter: 2)
    _ = try? await fixture.service(faulty).compact()
    let uploads = FaultBucket(bucket, failingAfter: .max)
    let report = try await fixture.service(uploads).compact()
    #expect(report.mergedBlocks.count == 1)
    // Lease: created, its older epoch removed, released. Index and meta.json; four marks.
    #expect(uploads.changes == 9)
  }

  @Test func `a torn journal is ignored`() async throws {
    let (block, path) = try await interrupt()
    let journal = (path as NSString).deletingLastPathComponent + "/journal"
    let handle = try #require(FileHandle(forWritingAtPath: journal))
    try handle.truncate(atOffset: 100)
    #expect(try await finish() != block)
  }

  @Test(arguments: ["index", "chunks/000001"])
  func `a waiting block that was damaged is made again`(file: String) async throws {
    let (block, path) = try await interrupt()
    let url = URL(fileURLWithPath: "\(path)/\(file)")
    var bytes = try Data(contentsOf: url)
    bytes[bytes.count / 2] ^= 4
    try bytes.write(to: url)
    #expect(try await finish() != block)
  }

  @Test func `a waiting block that lost a file is made again`() async throws {
    let (block, path) = try await interrupt()
    try FileManager.default.removeItem(atPath: "\(path)/index")
    #expect(try await finish() != block)
  }

  @Test func `a block made in another way is made again`() async throws {
    let (block, _) = try await interrupt()
    let other = try await finish { configuration in
      configuration.overlaps = .penalty
      configuration.planner.mergesOverlaps = true
    }
    #expect(other != block)
  }

  @Test func `a block that waited for a day is made again`() async throws {
    let (block, _) = try await interrupt()
    fixture.wait(milliseconds: Journal.lifetime)
    #expect(try await finish() != block)
  }

  @Test func `a block of which an input is excluded since is not uploaded`() async throws {
    let (block, _) = try await interrupt()
    let mark = NoCompactMark(id: ids[0], details: "", time: 1, reason: "manual")
    try await bucket.write(mark.jsonBytes(), to: ObjectName("\(ids[0])/no-compact-mark.json"))
    let report = try await fixture.service(bucket).compact()
    #expect(report.isClean)
    #expect(!report.mergedBlocks.contains(block))
    #expect(try await !bucket.exists(ObjectName("\(block)/meta.json")))
    #expect(jobs.isEmpty)
  }

  @Test func `copies of remote blocks are not fetched again`() async throws {
    let remote = RemoteBucket(FaultBucket(bucket, failingAfter: 1))
    _ = try? await fixture.service(remote).compact()
    // Without the result the merge must be done again, from the copies.
    let job = try #require(jobs.first)
    try FileManager.default.removeItem(atPath: job + "/journal")
    let again = RemoteBucket(bucket)
    let report = try await fixture.service(again).compact()
    #expect(report.mergedBlocks.count == 1)
    #expect(Set(again.reads.map(\.name)) == Set(ids.dropLast().map { "\($0)/meta.json" }))
  }

  @Test func `damage of an old copy is not held against the block`() async throws {
    _ = try? await fixture.service(FaultBucket(bucket, failingAfter: 1)).compact()
    let job = try #require(jobs.first)
    try FileManager.default.removeItem(atPath: job + "/journal")
    let path = "\(job)/inputs/\(ids[1])/index"
    let time = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[20] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.modificationDate: time as Any], ofItemAtPath: path)
    let report = try await fixture.service(bucket).compact()
    #expect(report.failures.count == 1)
    #expect(report.failures.first?.contains("is fetched again in the next run") == true)
    #expect(try await !bucket.exists(ObjectName("\(ids[1])/no-compact-mark.json")))
    _ = try await finish()
  }

  @Test func `a downsampled block that waits is not made again`() async throws {
    let fixture = try CompactorFixture()
    let bucket = fixture.makeBucket()
    var random = SeededRandom(seed: 1)
    try await fixture.put(
      BlockModel.random(start: 0, seriesCount: 3, using: &random), window: 0, in: bucket,
      length: 50 * 3_600_000)
    _ = try? await fixture.service(FaultBucket(bucket, failingAfter: 1)).compact()
    let area = fixture.directory + "/data/downsample"
    let job = try #require(fixture.names(in: area).first)
    let block = try #require(fixture.names(in: "\(area)/\(job)").compactMap { BlockID($0) }.first)
    let report = try await fixture.service(bucket).compact()
    #expect(report.isClean)
    #expect(report.downsampledBlocks == [block])
    #expect(fixture.names(in: fixture.directory + "/data").isEmpty)
  }

  @Test func `files of new blocks are hashed when asked for`() async throws {
    let report = try await fixture.service(bucket) {
      $0.transfers.hashFunction = .sha256
      $0.transfers.blockConcurrency = 3
      $0.transfers.fileConcurrency = 2
    }.compact()
    let block = try #require(report.mergedBlocks.first)
    let files = try await fixture.meta(block, in: bucket).thanos?.files ?? []
    #expect(files.map { $0.hash?.function } == ["SHA256", "SHA256", nil])
    #expect(try await fixture.liveSamples(in: bucket) == fixture.model)
  }

  @Test func `a block whose bytes are not its uploader's is left out and marked`() async throws {
    var meta = try await fixture.meta(ids[1], in: bucket)
    meta.thanos?.files = [
      ThanosMeta.File(
        path: "index", size: 1,
        hash: .init(function: "SHA256", value: String(repeating: "0", count: 64)))
    ]
    try await bucket.write(meta.jsonBytes(), to: ObjectName("\(ids[1])/meta.json"))
    let report = try await fixture.service(bucket).compact()
    #expect(!report.isClean)
    #expect(report.skippedBlocks == [ids[1]])
    let mark = try NoCompactMark(
      json: await bucket.read(ObjectName("\(ids[1])/no-compact-mark.json")))
    #expect(mark.details.contains("has the SHA-256"))
  }
}
