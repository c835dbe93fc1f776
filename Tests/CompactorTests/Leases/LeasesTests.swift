import BlockCatalog
import Foundation
import Logging
import ObjectStore
import Synchronization
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import Compactor

struct LeasesTests {
  private let bucket = MemoryBucket()
  private let clock = StepClock()

  @Test func `one of two compactors gets the lease`() async throws {
    let (first, second) = (leases("a"), leases("b"))
    let answer = try await first.holding("x") { _ async throws(JobFailure) -> Bool in
      try await second.holding("x") { _ async throws(JobFailure) in true } == nil
    }
    #expect(answer == true)
    #expect(try await canTake(second))
    #expect(try await bucket.list(nil, recursive: true).count == 1)
  }

  @Test func `different work has different leases`() async throws {
    let (first, second) = (leases("a"), leases("b"))
    let answer = try await first.holding("x") { _ async throws(JobFailure) -> Bool? in
      try await second.holding("y") { _ async throws(JobFailure) in true }
    }
    #expect(answer == .some(true))
  }

  @Test func `a compactor finds its own lease again after a crash`() async throws {
    try await leave("a")
    #expect(try await !canTake(leases("b")))
    #expect(try await canTake(leases("a")))
  }

  @Test func `a lease that nobody renews is taken over, and its holder learns of that`()
    async throws
  {
    let (first, second) = (leases("a"), leases("b"))
    let isHeld = try await first.holding("x") { lease async throws(JobFailure) -> Bool in
      clock.advance(by: Leases.timeToLive)
      let taken = try await second.holding("x") { _ async throws(JobFailure) -> Bool in
        await !lease.isHeld()
      }
      return taken == true
    }
    #expect(isHeld == true)
  }

  @Test func `of many that try at once one gets the lease`() async throws {
    let running = Running()
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<8 {
        let leases = leases("host-\(number)")
        group.addTask {
          for _ in 0..<20 {
            _ = try? await leases.holding("x") { _ async throws(JobFailure) in
              running.enter()
              await Task.yield()
              running.leave()
            }
          }
        }
      }
    }
    #expect(running.most == 1)
  }

  @Test func `a store that cannot create an object is worked on without leases`() async throws {
    let leases = leases("a", in: NoCreation(base: bucket))
    for _ in 0..<2 {
      let isHeld = try await leases.holding("x") { lease async throws(JobFailure) in
        await lease.isHeld()
      }
      #expect(isHeld == true)
    }
  }

  @Test func `a record that cannot be read holds nothing`() async throws {
    try await bucket.write([1], to: ObjectName("blockhouse-leases/x/00000000000000000001"))
    #expect(try await canTake(leases("a")))
  }

  @Test func `two compactors at once make each block once`() async throws {
    let fixture = try CompactorFixture()
    for cluster in ["a", "b", "c"] {
      _ = try await fixture.putRandom(
        windows: 0..<9, in: bucket, seed: UInt64(cluster.utf8.first ?? 0),
        labels: ["cluster": cluster])
    }
    let services = ["one", "two"].map {
      fixture.service(bucket, dataDirectory: fixture.directory + "/" + $0)
    }
    let reports = try await withThrowingTaskGroup(of: RunReport.self) { group in
      for service in services { group.addTask { try await service.compact() } }
      var reports: [RunReport] = []
      for try await report in group { reports.append(report) }
      return reports
    }
    // Who found everything taken may have left the last steps to nobody.
    let rest = try await services[0].compact()
    #expect((reports + [rest]).map(\.isClean) == [true, true, true])
    #expect((reports + [rest]).reduce(0) { $0 + $1.mergedBlocks.count } == 6)
    #expect((reports + [rest]).reduce(0) { $0 + $1.markedDuplicates } == 0)
  }

  private func canTake(_ leases: Leases) async throws -> Bool {
    try await leases.holding("x") { _ async throws(JobFailure) in true } == true
  }

  private func leases(_ host: String, in other: (any Bucket)? = nil) -> Leases {
    let environment = CompactorEnvironment(
      metrics: CompactorMetrics(registry: MetricRegistry()),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, observer: NoObserver(),
      threadCount: 1, transfers: Transfers(), now: { [clock] in clock.advance(by: 1) })
    return Leases(
      bucket: other ?? bucket, environment: environment, dataDirectory: "/nowhere/\(host)")
  }

  /// As a compactor that died with the lease.
  private func leave(_ host: String) async throws {
    let record = LeaseRecord(holder: leases(host).holder, renewed: clock.advance(by: 1))
    try await bucket.write(
      record.bytes, to: ObjectName("blockhouse-leases/x/00000000000000000007"))
  }
}

/// How many are at something at once.
private final class Running: Sendable {
  private let counts = Mutex((now: 0, most: 0))

  var most: Int { counts.withLock { $0.most } }

  func enter() {
    counts.withLock { counts in
      counts.now += 1
      counts.most = max(counts.most, counts.now)
    }
  }

  func leave() { counts.withLock { $0.now -= 1 } }
}

/// A store without conditional writes.
private struct NoCreation: ForwardingBucket {
  let base: any Bucket
  func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    throw BucketError(.permanent, .upload, object: name.text, detail: "not implemented")
  }
  func localPath(_ name: ObjectName) -> String? { nil }
}
