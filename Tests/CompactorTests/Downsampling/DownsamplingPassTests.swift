import BlockCatalog
import Foundation
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

struct DownsamplingPassTests {
  private static let twoWeeks: Int64 = 336 * 3_600_000

  @Test func `a block of two weeks becomes one of five minutes and one of an hour`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    let raw = try await fixture.put(Self.block(), window: 0, in: bucket, length: Self.twoWeeks)
    let report = try await fixture.service(bucket).compact()
    #expect(report.isClean)
    #expect(report.downsampledBlocks.count == 2)
    for (id, resolution) in zip(report.downsampledBlocks, [300_000, 3_600_000] as [Int64]) {
      let meta = try await fixture.meta(id, in: bucket)
      #expect(meta.resolution == resolution)
      #expect(meta.compaction.sources == [raw])
      #expect(meta.minTime == 0)
      #expect(meta.maxTime == Self.twoWeeks)
      #expect(meta.thanos?.source == "compactor")
      #expect(meta.stats.series == 2)
    }
    #expect(try await !fixture.isMarked(raw, in: bucket))
    #expect(fixture.names(in: fixture.directory + "/data").isEmpty)
    let second = try await fixture.service(bucket).compact()
    #expect(second == RunReport())
  }

  @Test func `nothing is downsampled when that is switched off`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    _ = try await fixture.put(Self.block(), window: 0, in: bucket, length: Self.twoWeeks)
    let report = try await fixture.service(bucket) { $0.downsamples = false }.compact()
    #expect(report == RunReport())
  }

  @Test func `a damaged block is marked and the others are downsampled`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    let bad = try await fixture.put(
      Self.block(), window: 0, in: bucket, labels: ["cluster": "a"], length: Self.twoWeeks)
    _ = try await fixture.put(
      Self.block(), window: 1, in: bucket, labels: ["cluster": "b"], length: Self.twoWeeks)
    let chunks = try ObjectName("\(bad)/chunks/000001")
    var bytes = try await bucket.read(chunks)
    bytes[20] ^= 0xFF
    try await bucket.write(bytes, to: chunks)
    let report = try await fixture.service(bucket) { $0.downsampleConcurrency = 2 }.compact()
    #expect(report.downsampledBlocks.count == 2)
    #expect(report.skippedBlocks == [bad])
    let mark = try NoDownsampleMark(
      json: try await bucket.read(ObjectName("\(bad)/no-downsample-mark.json")))
    #expect(mark.reason == "block-damaged")
    let second = try await fixture.service(bucket).compact()
    #expect(second == RunReport())
  }

  @Test func `raw samples expire while the downsampled ones stay`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    let raw = try await fixture.put(Self.block(), window: 0, in: bucket, length: Self.twoWeeks)
    let report = try await fixture.service(bucket) { configuration in
      configuration.retention = RetentionPolicy(raw: 1000 * 3_600_000)
    }.compact()
    #expect(report.downsampledBlocks.count == 2)
    #expect(report.expiredBlocks == 1)
    let mark = try DeletionMark(
      json: try await bucket.read(ObjectName("\(raw)/deletion-mark.json")))
    #expect(mark.details == "block exceeding retention of 1000h0m0s")
    for id in report.downsampledBlocks {
      #expect(try await !fixture.isMarked(id, in: bucket))
    }
  }

  @Test func `retention is applied although a compaction failed`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    let ids = try await fixture.putRandom(windows: 0..<5, in: bucket)
    try await bucket.write([1], to: ObjectName("\(ids[1])/index"))
    let report = try await fixture.service(bucket) { configuration in
      configuration.retention = RetentionPolicy(raw: 1)
    }.compact()
    #expect(!report.isClean)
    #expect(report.expiredBlocks > 0)
  }

  private static func block() -> BlockModel {
    var model: BlockModel = [:]
    for name in ["up", "requests_total"] {
      for index in 0..<200 as Range<Int64> {
        model[LabelSet(["__name__": name]), default: [:]][index * 6_000_000] =
          Double(index).bitPattern
      }
    }
    return model
  }
}
