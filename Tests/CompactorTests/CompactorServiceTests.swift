import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

struct CompactorServiceTests {
  @Test func `a single run returns when everything is done`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    _ = try await fixture.putRandom(windows: 0..<5, in: bucket)
    try await fixture.service(bucket).run()
    #expect(try await fixture.liveSamples(in: bucket) == fixture.model)
  }

  @Test func `a single run that left something undone says so on one line`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    let ids = try await fixture.putRandom(windows: 0..<5, in: bucket)
    try await bucket.write([1, 2, 3], to: ObjectName("\(ids[0])/index"))
    let error = await #expect(throws: CompactorFailure.self) {
      try await fixture.service(bucket).run()
    }
    #expect(
      error?.description
        == "block \(ids[0]): index: header at offset 0: the file has only 3 bytes")
  }

  @Test func `a waiting compactor sees new blocks and ends when told to`() async throws {
    let fixture = try CompactorFixture()
    let bucket = fixture.makeBucket()
    let service = fixture.service(bucket) { $0.waitInterval = .milliseconds(5) }
    let task = Task { try await service.run() }
    let ids = try await fixture.putRandom(windows: 0..<5, in: bucket)
    while try await !fixture.isMarked(ids[3], in: bucket) {
      try await Task.sleep(for: .milliseconds(5))
    }
    task.cancel()
    try await task.value
    #expect(try await fixture.liveSamples(in: bucket) == fixture.model)
  }

  @Test func `a bucket that fails is asked again`() async throws {
    let fixture = try CompactorFixture()
    let base = MemoryBucket()
    let ids = try await fixture.putRandom(windows: 0..<5, in: base)
    let failing = fixture.service(FaultBucket(base, failingAfter: 2))
    await #expect(throws: CompactorFailure.self) { try await failing.run() }
    for id in ids { #expect(try await !fixture.isMarked(id, in: base)) }
    try await fixture.service(base).run()
    #expect(try await fixture.liveSamples(in: base) == fixture.model)
  }
}
