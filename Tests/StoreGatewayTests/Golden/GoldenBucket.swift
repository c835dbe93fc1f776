import BlockCatalog
import IndexCache
import Logging
import ObjectStore
import RemoteBlocks
import TSDBBlock
import Telemetry
import TestSupport

@testable import StoreGateway

/// The golden bucket, synced once.
enum GoldenBucket {
  /// Where its blocks are.
  enum Place: CaseIterable, Sendable {
    /// On this machine's disk.
    case mapped
    /// Far away, with a cache.
    case remote
    /// Far away, without a cache, with all postings fetched.
    case remoteEager
  }

  static func published(
    _ place: Place = .mapped, registry: MetricRegistry = MetricRegistry(),
    rules: CatalogRules = StoreGatewayService.Configuration().rules
  ) async throws -> PublishedBlocks {
    let files = try FilesystemBucket(directory: Golden.unpacked("store/bucket.tar.gz"))
    let bucket: any Bucket = place == .mapped ? files : RemoteBucket(files)
    let published = PublishedBlocks()
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let fetcher = CatalogFetcher(
      bucket: bucket, rules: rules,
      metrics: CatalogMetrics(registry, showsCompactionMarks: false), logger: logger,
      now: WallClock.milliseconds)
    let resources = place == .mapped ? nil : resources(place, bucket, registry, logger)
    let sync = BlockSync(
      bucket: bucket, fetcher: fetcher, publishing: published, metrics: SyncMetrics(registry),
      executor: .shared, logger: logger, open: resources.map(remoteBlocks))
    try await sync.run()
    return published
  }

  private static func resources(
    _ place: Place, _ bucket: any Bucket, _ registry: MetricRegistry, _ logger: Logger
  ) -> RemoteBlockResources {
    let reader = RangeReader(bucket)
    return RemoteBlockResources(
      reader: reader,
      headers: IndexHeaderStore(
        IndexHeaderStore.Configuration(dataDirectory: nil), reader: reader,
        metrics: IndexHeaderMetrics(registry), logger: logger),
      cache: place == .remote
        ? IndexCacheConfiguration(size: ByteSize(byteCount: 8 << 20)).makeCache(
          registry: registry, logger: logger)
        : nil,
      metrics: FetchMetrics(registry),
      options: RemoteBlockOptions(leavesConditions: place == .remote))
  }
}
