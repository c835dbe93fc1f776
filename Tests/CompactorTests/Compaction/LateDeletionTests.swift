import BlockCatalog
import Foundation
import ObjectStore
import TestSupport
import Testing

@testable import Compactor
@testable import TSDBBlock

/// What is deleted from the inputs of a block while it waits for its upload.
struct LateDeletionTests {
  private enum Store: CaseIterable {
    case memory, directory
  }

  private let fixture: CompactorFixture

  init() throws { fixture = try CompactorFixture() }

  private func makeBucket(_ store: Store) throws -> any Bucket {
    switch store {
    case .memory: fixture.makeBucket()
    case .directory: try FilesystemBucket(directory: fixture.directory + "/bucket")
    }
  }

  /// A run whose first upload fails; the change before it is the lease.
  private func interrupt(_ bucket: any Bucket, in area: String) async throws -> BlockID {
    _ = try? await fixture.service(FaultBucket(bucket, failingAfter: 1)).compact()
    let jobs = "\(fixture.directory)/data/\(area)"
    let job = try #require(fixture.names(in: jobs).first)
    #expect(fixture.names(in: "\(jobs)/\(job)").contains("journal"))
    return try #require(fixture.names(in: "\(jobs)/\(job)").compactMap { BlockID($0) }.first)
  }

  /// Deletes all samples of the first series of a block; returns its labels and their times.
  private func deleteFirstSeries(
    of id: BlockID, in bucket: any Bucket
  ) async throws -> (labels: LabelSet, times: [Int64]) {
    let block = try BlockReader(directory: "\(fixture.directory)/made/\(id)")
    var series = try block.series()
    _ = try series.next()
    var samples = SampleColumns()
    try series.appendSamples(to: &samples)
    var tombstones = Tombstones()
    tombstones.delete(.min ... .max, ofSeries: series.id)
    try await bucket.write(tombstones.encoded(), to: ObjectName("\(id)/tombstones"))
    return (series.labels, samples.timestamps)
  }

  @Test(arguments: Store.allCases)
  private func `samples deleted while a merged block waits do not come back`(
    store: Store
  ) async throws {
    let bucket = try makeBucket(store)
    let ids = try await fixture.putRandom(windows: 0..<5, in: bucket)
    let waiting = try await interrupt(bucket, in: "compact")
    let deleted = try await deleteFirstSeries(of: ids[1], in: bucket)
    var expected = fixture.model
    for time in deleted.times {
      #expect(expected[deleted.labels]?.removeValue(forKey: time) != nil)
    }
    if expected[deleted.labels]?.isEmpty == true { expected[deleted.labels] = nil }
    let report = try await fixture.service(bucket).compact()
    #expect(report.isClean)
    #expect(report.mergedBlocks.count == 1)
    #expect(report.mergedBlocks != [waiting])
    #expect(try await fixture.liveSamples(in: bucket) == expected)
    #expect(fixture.names(in: fixture.directory + "/data").isEmpty)
  }

  @Test(arguments: Store.allCases)
  private func `a merged block waits for its upload with the deletions that were there before`(
    store: Store
  ) async throws {
    let bucket = try makeBucket(store)
    let ids = try await fixture.putRandom(windows: 0..<5, in: bucket)
    _ = try await deleteFirstSeries(of: ids[1], in: bucket)
    let waiting = try await interrupt(bucket, in: "compact")
    let report = try await fixture.service(bucket).compact()
    #expect(report.mergedBlocks == [waiting])
  }

  @Test func `a deletion that is taken back while a merged block waits is taken back`() async throws
  {
    let bucket = fixture.makeBucket()
    let ids = try await fixture.putRandom(windows: 0..<5, in: bucket)
    _ = try await deleteFirstSeries(of: ids[0], in: bucket)
    let waiting = try await interrupt(bucket, in: "compact")
    try await bucket.delete(ObjectName("\(ids[0])/tombstones"))
    let report = try await fixture.service(bucket).compact()
    #expect(report.isClean)
    #expect(report.mergedBlocks != [waiting])
    #expect(try await fixture.liveSamples(in: bucket) == fixture.model)
  }

  @Test func `samples deleted while a downsampled block waits do not come back`() async throws {
    let bucket = fixture.makeBucket()
    var random = SeededRandom(seed: 1)
    let raw = try await fixture.put(
      BlockModel.random(start: 0, seriesCount: 3, using: &random), window: 0, in: bucket,
      length: 50 * 3_600_000)
    let waiting = try await interrupt(bucket, in: "downsample")
    let count = try await fixture.meta(raw, in: bucket).stats.series
    _ = try await deleteFirstSeries(of: raw, in: bucket)
    let report = try await fixture.service(bucket).compact()
    #expect(report.isClean)
    let made = try #require(report.downsampledBlocks.first)
    #expect(made != waiting)
    #expect(try await fixture.meta(made, in: bucket).stats.series == count - 1)
    #expect(fixture.names(in: fixture.directory + "/data").isEmpty)
  }

  @Test func `deletions that cannot be seen are not taken for none`() async throws {
    let bucket = fixture.makeBucket()
    let ids = try await fixture.putRandom(windows: 0..<2, in: bucket)
    _ = try await deleteFirstSeries(of: ids[0], in: bucket)
    let seen = try await InputDeletions(of: ids, in: bucket, blockConcurrency: 2)
    #expect(seen.hashes.keys.sorted() == [ids[0]])
    var faults = RemoteBucket.Faults()
    faults.failure = 1
    let failing = RemoteBucket(bucket, faults: faults)
    let failure = await #expect(throws: JobFailure.self) {
      try await InputDeletions(of: ids, in: failing, blockConcurrency: 2)
    }
    #expect(failure?.reason.hasPrefix("cannot see what was deleted from block") == true)
  }
}
