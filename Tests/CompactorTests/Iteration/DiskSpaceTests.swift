import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

struct DiskSpaceTests {
  @Test func `what fits is done`() async throws {
    let answer = try await DiskSpace().reserving(1 << 20, in: "/tmp") {
      _ async throws(JobFailure) in 7
    }
    #expect(answer == 7)
  }

  @Test func `what does not fit is refused before it begins`() async throws {
    let disk = DiskSpace()
    let error = await #expect(throws: JobFailure.self) {
      try await disk.reserving(Int64.max, in: "/tmp") { _ async throws(JobFailure) in
        Issue.record("the work was begun")
      }
    }
    #expect(error?.block == nil)
    #expect(error?.reason.hasPrefix("needs 8589934592.0 GiB in /tmp, ") == true)
  }

  @Test func `work under way counts until it is over`() async throws {
    let disk = DiskSpace()
    let most = Int64.max / 2
    // More than there is can only be set aside where nobody can tell how much that is.
    _ = try await disk.reserving(most, in: "/nowhere") { _ async throws(JobFailure) in
      await #expect(throws: JobFailure.self) {
        _ = try await disk.reserving(most + 2, in: "/nowhere") { _ async throws(JobFailure) in 1 }
      }
    }
    let later = try await disk.reserving(most + 2, in: "/nowhere") {
      _ async throws(JobFailure) in 2
    }
    #expect(later == 2)
  }

  @Test func `what would be of use is set aside only where it fits too`() async throws {
    let disk = DiskSpace()
    let most = Int64.max / 2
    for (extra, fits) in [(1, true), (2, false), (.max, false)] as [(Int64, Bool)] {
      let hasExtra = try await disk.reserving(most, in: "/nowhere") {
        _ async throws(JobFailure) in
        try await disk.reserving(most, in: "/nowhere", extra: extra) {
          hasExtra async throws(JobFailure) in hasExtra
        }
      }
      #expect(hasExtra == fits)
    }
    let isTold = try await disk.reserving(most, in: "/nowhere") {
      hasExtra async throws(JobFailure) in hasExtra
    }
    #expect(!isTold)
    // All of it was given back.
    _ = try await disk.reserving(.max, in: "/nowhere") { _ async throws(JobFailure) in }
  }

  @Test func `sizes that meta json claims do not trap, whatever they are`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    let twoWeeks: Int64 = 336 * 3_600_000
    var ids = try await fixture.putRandom(windows: 0..<5, in: bucket)
    ids.append(
      try await fixture.put(
        [LabelSet(["a": "b"]): [1: 1]], window: 9, in: bucket, labels: ["cluster": "b"],
        length: twoWeeks))
    for id in ids {
      var meta = try await fixture.meta(id, in: bucket)
      meta.thanos?.files = [
        ThanosMeta.File(path: "chunks/000001", size: .max), ThanosMeta.File(path: "index", size: 9),
      ]
      try await bucket.write(meta.jsonBytes(), to: ObjectName("\(id)/meta.json"))
    }
    let report = try await fixture.service(bucket).compact()
    #expect(report.failures.count == 2)
    for failure in report.failures { #expect(failure.hasPrefix("needs 8589934592.0 GiB in ")) }
    for id in ids { #expect(try await !fixture.isMarked(id, in: bucket)) }
  }

  @Test func `a bucket that is a directory needs no room for the inputs`() async throws {
    try withTemporaryDirectory { directory in
      let job = JobDirectory(path: directory)
      let local = LocalBlocks(
        bucket: try FilesystemBucket(directory: directory), job: job, transfers: Transfers())
      let remote = LocalBlocks(bucket: MemoryBucket(), job: job, transfers: Transfers())
      #expect(local.need(reading: 10, writing: 5) == 5)
      #expect(remote.need(reading: 10, writing: 5) == 15)
      #expect(remote.need(reading: .max, writing: 5) == .max)
    }
  }
}
