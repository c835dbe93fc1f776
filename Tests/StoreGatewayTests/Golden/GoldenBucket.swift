import BlockCatalog
import Logging
import ObjectStore
import TSDBBlock
import Telemetry
import TestSupport

@testable import StoreGateway

/// The golden bucket, synced with default flags.
enum GoldenBucket {
  static func published(registry: MetricRegistry = MetricRegistry()) async throws -> PublishedBlocks
  {
    let bucket = try FilesystemBucket(directory: Golden.unpacked("store/bucket.tar.gz"))
    let published = PublishedBlocks()
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let fetcher = CatalogFetcher(
      bucket: bucket, rules: StoreGatewayService.Configuration().rules,
      metrics: CatalogMetrics(registry, showsCompactionMarks: false), logger: logger,
      now: WallClock.milliseconds)
    let sync = BlockSync(
      bucket: bucket, fetcher: fetcher, publishing: published, metrics: SyncMetrics(registry),
      executor: .shared, logger: logger)
    try await sync.run()
    return published
  }
}
