import BlockCatalog
import Foundation
import ObjectStore
import Synchronization
import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

/// Blocks that are downsampled while they are merged.
struct EarlyDownsampleTests {
  private static let hour: Int64 = 3_600_000
  private let fixture: CompactorFixture
  private let bucket: MemoryBucket

  init() throws {
    fixture = try CompactorFixture()
    bucket = fixture.makeBucket()
  }

  /// Blocks of eight hours that make up two days, and a fresh one behind them.
  private func putTwoDays(labels: [String: String] = ["cluster": "a"]) async throws -> [BlockID] {
    var ids: [BlockID] = []
    for part in 0..<6 as Range<Int64> {
      ids.append(
        try await fixture.put(
          Self.block(from: part * 8 * Self.hour, count: 480), window: part * 4, in: bucket,
          labels: labels, length: 8 * Self.hour))
    }
    try await fixture.put(
      Self.block(from: 48 * Self.hour, count: 10), window: 24, in: bucket, labels: labels)
    return ids
  }

  /// A counter that is reset now and then, and a gauge that goes stale.
  private static func block(from start: Int64, count: Int64) -> BlockModel {
    var model: BlockModel = [:]
    for index in 0..<count {
      let time = start + index * 60_000
      model[LabelSet(["__name__": "requests_total"]), default: [:]][time] =
        Double((time / 60_000) % 1000).bitPattern
      model[LabelSet(["__name__": "up", "job": "api"]), default: [:]][time] =
        index % 50 == 49 ? SampleValue.staleMarker : Double(index % 7).bitPattern
    }
    return model
  }

  private var waiting: [String] {
    fixture.names(in: fixture.directory + "/data/downsample").map {
      "\(fixture.directory)/data/downsample/\($0)"
    }
  }

  /// What ``BlockDownsample`` makes of a block of the bucket: its files.
  private func downsampled(_ id: BlockID) async throws -> [String: [UInt8]] {
    let local = "\(fixture.directory)/local"
    try FileManager.default.createDirectory(
      atPath: local + "/chunks", withIntermediateDirectories: true)
    for path in ["meta.json", "index", "chunks/000001"] {
      try Data(try await bucket.read(ObjectName("\(id)/\(path)")))
        .write(to: URL(fileURLWithPath: "\(local)/\(path)"))
    }
    let writer = try BlockWriter(directory: "\(fixture.directory)/coarse")
    let downsample = BlockDownsample(input: try BlockReader(directory: local), resolution: 300_000)
    _ = try downsample.run(into: writer)
    try writer.publish(BlockMeta(id: id, minTime: 0, maxTime: 1))
    var files: [String: [UInt8]] = [:]
    for path in ["index", "chunks/000001"] {
      let url = URL(fileURLWithPath: "\(fixture.directory)/coarse/\(path)")
      files[path] = Array(try Data(contentsOf: url))
    }
    return files
  }

  private func expectDownsampled(_ report: RunReport) async throws {
    #expect(report.isClean)
    let (raw, coarse) = try #require(
      zip(report.mergedBlocks, report.downsampledBlocks).first { _ in true })
    #expect(report.downsampledBlocks.count == 1)
    let meta = try await fixture.meta(coarse, in: bucket)
    let source = try await fixture.meta(raw, in: bucket)
    #expect(meta.resolution == 300_000)
    #expect(meta.compaction == source.compaction)
    #expect(meta.minTime == source.minTime && meta.maxTime == source.maxTime)
    #expect(meta.stats.floatSamples == source.stats.floatSamples)
    #expect(meta.stats.samples < source.stats.samples)
    for (path, bytes) in try await downsampled(raw) {
      #expect(try await bucket.read(ObjectName("\(coarse)/\(path)")) == bytes)
    }
    #expect(fixture.names(in: fixture.directory + "/data").isEmpty)
  }

  @Test func `a merge makes the downsampled block that the merged one would become`() async throws {
    _ = try await putTwoDays()
    let observer = ActivityObserver()
    let report = try await fixture.service(bucket, observer: observer).compact()
    #expect(observer.activities == [.merging])
    try await expectDownsampled(report)
    #expect(try await fixture.service(bucket).compact() == RunReport())
  }

  @Test(arguments: [OverlapPolicy.chain, .penalty, .lossless])
  func `so does a merge of replicas`(overlaps: OverlapPolicy) async throws {
    for (replica, shift) in [("x", 0), ("y", 7000)] as [(String, Int64)] {
      try await fixture.put(
        Self.block(from: shift, count: 2880), window: 0, in: bucket,
        labels: ["cluster": "a", "replica": replica], length: 48 * Self.hour + 60_000)
    }
    let observer = ActivityObserver()
    let report = try await fixture.service(bucket, observer: observer) { configuration in
      configuration.replicaLabels = ReplicaLabels([Array("replica".utf8)])
      configuration.overlaps = overlaps
      configuration.planner.mergesOverlaps = true
    }.compact()
    #expect(observer.activities == [.merging])
    try await expectDownsampled(report)
  }

  @Test func `copies of remote blocks are not fetched for it`() async throws {
    let ids = try await putTwoDays()
    let remote = RemoteBucket(bucket)
    let report = try await fixture.service(remote).compact()
    try await expectDownsampled(report)
    let indexes = remote.reads.map(\.name).filter { $0.hasSuffix("/index") }
    #expect(Set(indexes) == Set(ids.map { "\($0)/index" }))
  }

  @Test func `a block that will be merged again is not downsampled before`() async throws {
    // Two halves of every two days: first seven merges, then one of their results.
    for part in 0..<14 as Range<Int64> {
      try await fixture.put(
        Self.block(from: part * 24 * Self.hour, count: 20), window: part * 12, in: bucket,
        length: 24 * Self.hour)
    }
    try await fixture.put(
      Self.block(from: 336 * Self.hour, count: 10), window: 168, in: bucket)
    let observer = ActivityObserver()
    let report = try await fixture.service(bucket, observer: observer).compact()
    #expect(report.isClean)
    #expect(report.mergedBlocks.count == 8)
    #expect(report.downsampledBlocks.count == 2)
    // The second resolution is made of a block that no merge made.
    #expect(observer.activities == [.merging, .downsampling])
    #expect(observer.blocks(.downsampling) == [report.downsampledBlocks[1]])
  }

  @Test func `blocks that will not be downsampled are only merged`() async throws {
    _ = try await putTwoDays()
    let report = try await fixture.service(bucket) { $0.downsamples = false }.compact()
    #expect(report.isClean)
    #expect(report.mergedBlocks.count == 1)
    #expect(report.downsampledBlocks.isEmpty)
    #expect(waiting.isEmpty)
  }

  /// Runs until a block waits to be proven and uploaded; returns its directory.
  private func interrupt() async throws -> String {
    let report = try await fixture.service(NothingButMerges(bucket)).compact()
    #expect(report.mergedBlocks.count == 1)
    #expect(report.downsampledBlocks.isEmpty)
    let job = try #require(waiting.first)
    #expect(fixture.names(in: job).contains("journal"))
    let block = try #require(fixture.names(in: job).compactMap { BlockID($0) }.first)
    return "\(job)/\(block)"
  }

  @Test(arguments: ["index", "chunks/000001"])
  func `one that was damaged while it waited is made again`(file: String) async throws {
    _ = try await putTwoDays()
    let url = URL(fileURLWithPath: try await interrupt() + "/" + file)
    var bytes = try Data(contentsOf: url)
    bytes[bytes.count / 2] ^= 4
    try bytes.write(to: url)
    let observer = ActivityObserver()
    let report = try await fixture.service(bucket, observer: observer).compact()
    #expect(report.isClean)
    #expect(report.downsampledBlocks.count == 1)
    #expect(observer.activities == [.downsampling])
  }

  @Test func `one that waits is uploaded by the next run`() async throws {
    _ = try await putTwoDays()
    let block = (try await interrupt() as NSString).lastPathComponent
    let observer = ActivityObserver()
    let report = try await fixture.service(bucket, observer: observer).compact()
    #expect(report.isClean)
    #expect(report.downsampledBlocks.map(\.description) == [block])
    #expect(observer.activities == [])
  }

  @Test func `what cannot be downsampled is merged all the same`() async throws {
    let ids = try await putTwoDays()
    // A chunk whose checksum is right and whose bits end too early.
    let chunks = try ObjectName("\(ids[2])/chunks/000001")
    var bytes = try await bucket.read(chunks)
    let record = try ChunkRecord(in: bytes.rawSpan, at: 8)
    for place in record.payload.dropFirst(2) { bytes[place] = 0xFF }
    var checksum = CRC32C()
    checksum.update([record.encoding] + bytes[record.payload])
    for byte in 0..<4 {
      bytes[record.payload.upperBound + byte] = UInt8(
        truncatingIfNeeded: checksum.value >> UInt32(24 - 8 * byte))
    }
    try await bucket.write(bytes, to: chunks)
    let report = try await fixture.service(bucket).compact()
    #expect(report.mergedBlocks.count == 1)
    #expect(report.downsampledBlocks.isEmpty)
    // The job that downsamples says so of the merged block.
    #expect(report.skippedBlocks == Set(report.mergedBlocks))
    let merged = try #require(report.mergedBlocks.first)
    #expect(try await bucket.exists(ObjectName("\(merged)/no-downsample-mark.json")))
    #expect(try await bucket.read(chunks) == bytes)
  }
}

/// A bucket that nobody gets a lease of to downsample.
private final class NothingButMerges: ForwardingBucket {
  let base: any Bucket

  init(_ base: any Bucket) { self.base = base }

  func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    guard !name.text.contains("downsampling") else {
      throw BucketError(.transient, .upload, object: name.text, detail: "the test says so")
    }
    try await base.create(bytes, at: name)
  }
}

/// Notes what was done for which blocks.
private final class ActivityObserver: CompactionObserver {
  private let calls = Mutex<[BlockID: WorkProgress.Activity]>([:])

  var activities: Set<WorkProgress.Activity> { Set(calls.withLock { $0.values }) }

  func blocks(_ activity: WorkProgress.Activity) -> [BlockID] {
    calls.withLock { calls in calls.filter { $0.value == activity }.map(\.key).sorted() }
  }

  func working(_ progress: WorkProgress) {
    calls.withLock { $0[progress.block] = progress.activity }
  }

  func ended(_ block: BlockID) {}
}
