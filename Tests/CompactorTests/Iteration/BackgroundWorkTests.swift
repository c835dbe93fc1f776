import BlockCatalog
import Logging
import ObjectStore
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import Compactor

struct BackgroundWorkTests {
  @Test func `a waiting compactor says what is left to do`() async throws {
    let fixture = try CompactorFixture()
    let bucket = MemoryBucket()
    let ids = try await fixture.putRandom(windows: 0..<9, in: bucket)
    // Somebody else is at the group, so that the work stays undone.
    let group = GroupKey(try await fixture.meta(ids[0], in: bucket))
    let now: Int64 = 1_800_000_000_000
    try await bucket.write(
      LeaseRecord(holder: "other", renewed: now).bytes,
      to: ObjectName("\(Leases.directory)/\(group)/00000000000000000001"))
    let registry = MetricRegistry()
    var configuration = CompactorConfiguration(dataDirectory: fixture.directory + "/data")
    configuration.progressInterval = .milliseconds(1)
    configuration.cleanupInterval = .milliseconds(1)
    configuration.waitInterval = .milliseconds(1)
    let service = CompactorService(
      configuration: configuration, bucket: bucket, metrics: CompactorMetrics(registry: registry),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      now: { now })
    let task = Task { try await service.run() }
    while !registry.exposition(.text).contains("thanos_compact_todo_compactions 2") {
      try await Task.sleep(for: .milliseconds(5))
    }
    task.cancel()
    try await task.value
    #expect(registry.exposition(.text).contains("thanos_compact_todo_compaction_blocks 8"))
    #expect(try await !fixture.isMarked(ids[0], in: bucket))
  }
}
