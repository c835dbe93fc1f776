internal import ArgumentParser
internal import CachingBucket
internal import CommandSupport
internal import IndexCache
internal import Logging
internal import ObjectStore
internal import RemoteBlocks
internal import StoreGateway
internal import Telemetry

/// The flags that say how blocks without local files are read. A FILESYSTEM bucket needs none of
/// them.
struct RemoteOptions: ParsableArguments {
  /// When index-headers are downloaded with the lazy reader.
  enum Download: String, ExpressibleByArgument, CaseIterable {
    case eager, lazy
  }

  @Option(
    name: .customLong("index-cache-size"),
    help: ArgumentHelp(
      "Memory for postings and series of remote blocks, unless --index-cache.config says more.",
      valueName: "size"))
  var indexCacheSize = ByteSize(byteCount: 250 << 20)

  @Option(
    name: .customLong("index-cache.config-file"),
    help: ArgumentHelp("YAML file that describes the index cache.", valueName: "path"))
  var indexCachePath: String?

  @Option(
    name: .customLong("index-cache.config"),
    help: ArgumentHelp(
      "The same as text, for example '{type: IN-MEMORY, config: {max_size: 1GB}}'; types are "
        + "IN-MEMORY, MEMCACHED and REDIS.",
      valueName: "yaml"))
  var indexCacheContent: String?

  @Option(
    name: .customLong("store.caching-bucket.config-file"),
    help: ArgumentHelp(
      "YAML file that says where to keep chunks and metas of remote blocks.", valueName: "path"))
  var cachingBucketPath: String?

  @Option(
    name: .customLong("store.caching-bucket.config"),
    help: ArgumentHelp(
      "The same as text, for example '{type: DISK, config: {directory: /var/cache/blocks}}'; "
        + "types are IN-MEMORY, MEMCACHED, REDIS and DISK.", valueName: "yaml"))
  var cachingBucketContent: String?

  @Option(
    name: .customLong("chunk-pool-size"),
    help: ArgumentHelp(
      "Bytes of chunks that all requests may have fetched at once.", valueName: "size"))
  var chunkPoolSize = ByteSize(byteCount: 2 << 30)

  @Flag(
    name: .customLong("store.enable-index-header-lazy-reader"), inversion: .prefixedNo,
    help: "Open index-headers at their first use, and close those that nobody uses.")
  var isLazy = true

  @Option(
    name: .customLong("store.index-header-lazy-reader-idle-timeout"),
    help: ArgumentHelp(
      "How long an index-header may be unused before it is closed.", valueName: "duration"))
  var idleTimeout = PrometheusDuration(milliseconds: 300_000)

  @Option(
    name: .customLong("store.index-header-lazy-download-strategy"),
    help: "Whether index-headers are made when a block appears, or at its first use.")
  var download = Download.eager

  @Flag(
    name: .customLong("store.enable-lazy-expanded-postings"), inversion: .prefixedNo,
    help: "Test conditions on the series where that costs less than fetching their postings.")
  var leavesConditions = true

  @Option(
    name: .customLong("store.posting-group-max-key-series-ratio"),
    help: ArgumentHelp(
      "Values of a condition per matching series above which its postings are not fetched; 0 for "
        + "any number.", valueName: "ratio"))
  var maxKeySeriesRatio = 100.0

  @Option(
    name: .customLong("debug.estimated-max-series-size"),
    help: ArgumentHelp("Bytes fetched for a series entry at first.", visibility: .hidden))
  var seriesByteCount = ByteSize(byteCount: 65_536)

  @Option(
    name: .customLong("debug.estimated-max-chunk-size"),
    help: ArgumentHelp("Bytes fetched for a chunk at first.", visibility: .hidden))
  var chunkByteCount = ByteSize(byteCount: 16_000)

  private var indexCacheSource: PathOrContent {
    PathOrContent(name: "index-cache.config", path: indexCachePath, content: indexCacheContent)
  }

  private var cachingBucketSource: PathOrContent {
    PathOrContent(
      name: "store.caching-bucket.config", path: cachingBucketPath, content: cachingBucketContent)
  }

  func validate() throws {
    try indexCacheSource.validate(isOptional: true)
    try cachingBucketSource.validate(isOptional: true)
    guard maxKeySeriesRatio >= 0 else {
      throw ValidationError("--store.posting-group-max-key-series-ratio must not be negative")
    }
    guard chunkPoolSize.byteCount >= 1 << 20 else {
      throw ValidationError("--chunk-pool-size must be 1MiB at least")
    }
    guard idleTimeout.milliseconds > 0 else {
      throw ValidationError("--store.index-header-lazy-reader-idle-timeout must be longer than 0s")
    }
  }

  /// - Throws: ``CommandError``, which names the flag and the line.
  func apply(
    to configuration: inout StoreGatewayService.Configuration
  ) async throws(CommandError) {
    configuration.indexCache = try await indexCache()
    configuration.chunkPoolByteCount = chunkPoolSize.byteCount
    configuration.headers.isLazy = isLazy
    configuration.headers.downloadsAtUse = download == .lazy
    configuration.headers.idleTimeout = idleTimeout.duration
    configuration.remote = RemoteBlockOptions(
      leavesConditions: leavesConditions, maxKeySeriesRatio: maxKeySeriesRatio,
      estimates: FetchEstimates(
        seriesByteCount: seriesByteCount.byteCount, chunkByteCount: chunkByteCount.byteCount))
  }

  /// The bucket with a cache before it, when flags ask for one. Files that are mapped need none.
  ///
  /// - Throws: ``CommandError``, which names the flag and the line.
  func cached(
    _ bucket: any Bucket, registry: MetricRegistry, logger: Logger
  ) async throws(CommandError) -> any Bucket {
    let source = cachingBucketSource
    guard source.isGiven else { return bucket }
    let text = try await source.text()
    let configuration: CachingBucketConfiguration
    do throws(ConfigurationError) {
      configuration = try CachingBucketConfiguration.parse(yaml: text, path: source.path)
      try await configuration.checkFiles()
    } catch {
      throw CommandError("\(source.origin): \(error)")
    }
    guard bucket.localDirectory == nil else {
      logger.warning("--store.caching-bucket.config has no effect: the bucket's files are mapped")
      return bucket
    }
    return configuration.makeBucket(over: bucket, registry: registry, logger: logger)
  }

  private func indexCache() async throws(CommandError) -> IndexCacheConfiguration {
    guard indexCacheSource.isGiven else { return IndexCacheConfiguration(size: indexCacheSize) }
    let text = try await indexCacheSource.text()
    do {
      let configuration = try IndexCacheConfiguration.parse(yaml: text)
      try await configuration.checkFiles()
      return configuration
    } catch {
      throw CommandError("\(indexCacheSource.origin): \(error)")
    }
  }
}
