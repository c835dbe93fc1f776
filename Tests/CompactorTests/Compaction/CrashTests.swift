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
