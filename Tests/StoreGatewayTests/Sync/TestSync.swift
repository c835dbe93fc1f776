import BlockCatalog
import Logging
import ObjectStore
import Telemetry

@testable import StoreGateway

extension BlockSync {
  /// The sync of a directory. What it shows on the way is that some blocks are gone.
  static func test(
    _ directory: String, rules: CatalogRules = CatalogRules(),
    publishing published: PublishedBlocks
  ) throws -> BlockSync {
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let bucket = try FilesystemBucket(directory: directory)
    let registry = MetricRegistry()
    return BlockSync(
      bucket: bucket,
      fetcher: CatalogFetcher(
        bucket: bucket, rules: rules,
        metrics: CatalogMetrics(registry, showsCompactionMarks: false), logger: logger,
        now: WallClock.milliseconds),
      publishing: published, metrics: SyncMetrics(registry), executor: .shared, logger: logger,
      publishInterval: .seconds(3600))
  }
}
