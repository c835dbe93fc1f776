import ObjectStore
import TestSupport
import Testing

@testable import RemoteBlocks

@Suite struct RangeReaderTests {
  private let content: [UInt8] = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
  private let name = try? ObjectName("object")

  private func remote(
    _ faults: RemoteBucket.Faults = RemoteBucket.Faults(), seed: UInt64 = 1
  ) async throws -> RemoteBucket {
    let memory = MemoryBucket()
    try await memory.write(content, to: try #require(name))
    return RemoteBucket(memory, faults: faults, seed: seed)
  }

  private func reader(
    _ bucket: RemoteBucket, limits: RangeReader.Limits = RangeReader.Limits(), attempts: Int = 8
  ) -> RangeReader {
    var retries = RemoteFixture.quickRetries
    retries.attempts = attempts
    return RangeReader(bucket, limits: limits, retries: retries)
  }

  @Test("ranges come back in their order, past the end what exists", arguments: [nil, 10_000])
  func reads(byteCount: Int?) async throws {
    let reader = reader(try await remote())
    let name = try #require(name)
    let ranges = [5000..<5100, 0..<10, 9990..<10_050, 20_000..<20_010, 7..<7]
    let found = try await reader.read(ranges, of: name, byteCount: byteCount)
    for (range, bytes) in zip(ranges, found) {
      #expect(bytes == Array(content[range.clamped(to: 0..<content.count)]), "\(range)")
    }
  }

  @Test("a body that is cut short is continued at the last byte that came")
  func resumes() async throws {
    var faults = RemoteBucket.Faults()
    faults.truncation = 1
    let bucket = try await remote(faults)
    let name = try #require(name)
    let bytes = try await reader(bucket).read(100..<164, of: name, byteCount: content.count)
    #expect(bytes == Array(content[100..<164]))
    #expect(bucket.reads.map(\.range.lowerBound) == [100, 132, 148, 156, 160, 162, 163])
  }

  @Test("errors that pass, stalls and short bodies do not change the bytes", arguments: 0..<6)
  func survivesFaults(seed: UInt64) async throws {
    var faults = RemoteBucket.Faults()
    faults.failure = 0.2
    faults.stall = 0.05
    faults.truncation = 0.3
    let bucket = try await remote(faults, seed: seed)
    let name = try #require(name)
    let ranges = (0..<20).map { $0 * 500..<$0 * 500 + 300 }
    let reader = RangeReader(bucket, retries: RemoteFixture.impatient)
    let found = try await reader.read(ranges, of: name)
    for (range, bytes) in zip(ranges, found) { #expect(bytes == Array(content[range])) }
  }

  @Test("tries are used up in the end, and an error that will not pass is not tried again")
  func givesUp() async throws {
    var faults = RemoteBucket.Faults()
    faults.failure = 1
    let failing = try await remote(faults)
    let name = try #require(name)
    let error = await #expect(throws: RemoteBlockError.self) {
      try await reader(failing, attempts: 3).read(0..<10, of: name)
    }
    #expect(error?.isRetryable == true)
    #expect(failing.count(.getRange) == 3)
    let empty = RemoteBucket(MemoryBucket())
    let missing = await #expect(throws: RemoteBlockError.self) {
      try await reader(empty).read(0..<10, of: name)
    }
    guard case .vanished = missing else {
      Issue.record("\(String(describing: missing))")
      return
    }
    #expect(empty.count(.getRange) == 1)
  }

  @Test("an object that is shorter than it should be is an error and no endless loop")
  func shortObject() async throws {
    let bucket = try await remote()
    let name = try #require(name)
    await #expect(throws: RemoteBlockError.self) {
      try await reader(bucket, attempts: 3).read(9990..<10_050, of: name, byteCount: 10_100)
    }
  }

  @Test("no more requests are under way than the process and a call may have")
  func limitsRequests() async throws {
    let bucket = try await remote()
    bucket.gathering.wait(for: 2)
    let reader = reader(bucket, limits: RangeReader.Limits(requests: 3, requestsPerCall: 2))
    let name = try #require(name)
    let ranges = (0..<30).map { $0 * 10..<$0 * 10 + 10 }
    _ = try await reader.read(ranges, of: name)
    #expect(bucket.gathering.most == 2)
    bucket.reset()
    bucket.gathering.wait(for: 3)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<5 { group.addTask { _ = try? await reader.read(ranges, of: name) } }
    }
    #expect(bucket.reads.count == 150)
    #expect(bucket.gathering.most == 3)
  }

  @Test("a cancelled task stops waiting, and its turn goes to the others")
  func cancellation() async throws {
    var faults = RemoteBucket.Faults()
    faults.stall = 1
    let bucket = try await remote(faults)
    let reader = RangeReader(
      bucket, limits: RangeReader.Limits(requests: 1, requestsPerCall: 1))
    let name = try #require(name)
    let tasks = (0..<5).map { _ in Task { try await reader.read(0..<10, of: name) } }
    while bucket.count(.getRange) == 0 { await Task.yield() }
    for task in tasks { task.cancel() }
    for task in tasks {
      await #expect(throws: RemoteBlockError.cancelled) { try await task.value }
    }
    bucket.set(RemoteBucket.Faults())
    #expect(try await reader.read(0..<10, of: name) == Array(content[0..<10]))
  }
}
