public import BlockCatalog
public import BlockViewer
public import Logging
public import ObjectStore
public import ServerRuntime
internal import Telemetry

/// The pages and the API of blocks, as the flags want them.
public enum BlockRoutes {
  /// - Parameters:
  ///   - loaded: the blocks that the program works on.
  ///   - bucket: where all blocks are, and where marks go.
  ///   - flags: for `/api/v1/status/flags`.
  ///   - interval: how old the view of all blocks may be.
  ///   - limit: how long a look at all blocks may take.
  ///   - metrics: of looks at all blocks.
  public static func make(
    _ web: WebOptions, loaded: @escaping BlocksAPI.Source, bucket: any Bucket,
    flags: [String: String], interval: Duration = .seconds(60), limit: Duration = .seconds(300),
    metrics: CatalogMetrics? = nil, logger: Logger
  ) -> [AdminRoute] {
    let all = BucketBlocks(
      CatalogFetcher(
        bucket: bucket, rules: BucketBlocks.rules, metrics: metrics, logger: logger,
        now: WallClock.milliseconds),
      interval: interval, limit: limit, now: WallClock.milliseconds)
    return make(
      web, loaded: loaded, all: { await all.content() }, bucket: bucket, flags: flags,
      logger: logger)
  }

  /// The same with another view of all blocks.
  public static func make(
    _ web: WebOptions, loaded: @escaping BlocksAPI.Source, all: @escaping BlocksAPI.Source,
    bucket: any Bucket, flags: [String: String], logger: Logger
  ) -> [AdminRoute] {
    guard !web.isDisabled else { return [] }
    let marking = MarkAPI(
      bucket: bucket, isEnabled: web.allowsMarking, logger: logger, now: WallClock.milliseconds)
    return BlocksAPI.routes(loaded: loaded, all: all, label: web.titleLabel)
      + [marking.route] + StatusAPI.routes(flags: flags)
  }
}
