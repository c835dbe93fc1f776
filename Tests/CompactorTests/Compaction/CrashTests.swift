import BlockCatalog
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

struct CrashTests {
  /// Every change of the bucket is made the last one, both applied and not; then a new process
  /// runs to the end.
  @Test(arguments: [false, true])
  func `a crash at any change of the bucket loses and doubles nothing`(
    appliesLast: Bool
  ) async throws {
    var changes = 0
    while true {
      let fixture = try CompactorFixture()
      let bucket = MemoryBucket()
      _ = try await fixture.putRandom(windows: 0..<5, in: bucket)
      let faulty = FaultBucket(bucket, failingAfter: changes, appliesLast: appliesLast)
      let firstIsDone = try await runTwice(fixture, faulty)
      let everything = try await fixture.samples(in: bucket, allowsCopies: true) { _ in true }
      #expect(everything == fixture.model, "after \(changes) changes")

      for _ in 0..<2 {
        let report = try await fixture.service(bucket) { $0.deleteDelay = 0 }.compact()
        #expect(report.isClean, "after \(changes) changes")
        fixture.wait(milliseconds: 60_000)
      }
      #expect(
        try await fixture.liveSamples(in: bucket) == fixture.model, "after \(changes) changes")
      #expect(fixture.names(in: fixture.directory + "/data").isEmpty)
      if firstIsDone { break }
      changes += 1
    }
    // Three objects, four marks, and the deletion of four blocks with four objects each.
    #expect(changes >= 23)
  }

  /// As above, where replicas are merged and the result is downsampled.
  @Test(arguments: [false, true])
  func `a crash while replicas are merged and downsampled loses nothing`(
    appliesLast: Bool
  ) async throws {
    var changes = 0
    while true {
      let fixture = try CompactorFixture()
      let bucket = MemoryBucket()
      for replica in ["x", "y"] {
        var random = SeededRandom(seed: UInt64(replica.utf8.first ?? 0))
        try await fixture.put(
          BlockModel.random(start: 0, seriesCount: 3, using: &random), window: 0, in: bucket,
          labels: ["cluster": "a", "replica": replica], length: 300 * 3_600_000)
      }
      func service(_ bucket: any Bucket) -> CompactorService {
        fixture.service(bucket) { configuration in
          configuration.replicaLabels = ReplicaLabels([Array("replica".utf8)])
          configuration.overlaps = .chain
          configuration.planner.mergesOverlaps = true
          configuration.deleteDelay = 0
        }
      }
      let faulty = FaultBucket(bucket, failingAfter: changes, appliesLast: appliesLast)
      let isDone = (try? await service(faulty).compact().isClean) == true
      for _ in 0..<2 {
        let report = try await service(bucket).compact()
        #expect(report.isClean, "after \(changes) changes")
        fixture.wait(milliseconds: 60_000)
      }
      var resolutions: [Int64] = []
      let raw = try await fixture.samples(in: bucket) { id in
        guard try await !fixture.isMarked(id, in: bucket) else { return false }
        let meta = try await fixture.meta(id, in: bucket)
        resolutions.append(meta.resolution)
        return meta.resolution == 0
      }
      #expect(
        raw.mapValues { $0.keys.sorted() } == fixture.model.mapValues { $0.keys.sorted() },
        "after \(changes) changes")
      #expect(resolutions.sorted() == [0, 300_000, 3_600_000], "after \(changes) changes")
      if isDone { break }
      changes += 1
    }
    // Three blocks of three objects, two marks.
    #expect(changes >= 11)
  }

  /// Compacts, then deletes what was marked; returns whether all changes went through.
  private func runTwice(_ fixture: CompactorFixture, _ bucket: FaultBucket) async throws -> Bool {
    for _ in 0..<2 {
      do {
        let report = try await fixture.service(bucket) { $0.deleteDelay = 0 }.compact()
        guard report.isClean else { return false }
      } catch {
        return false
      }
      fixture.wait(milliseconds: 60_000)
    }
    return true
  }
}
