internal import BlockCatalog
internal import IndexCache
internal import Logging
internal import ObjectStore
internal import RemoteBlocks
internal import ServerRuntime
internal import Telemetry

// The parts of a gateway, made as its configuration says.
extension StoreGatewayService.Configuration {
  func store(
    of published: PublishedBlocks, sync: BlockSync, executor: BlockingExecutor,
    queries: RunningQueries, registry: MetricRegistry
  ) -> GatewayStoreService {
    GatewayStoreService(
      blocks: published, window: window,
      resources: RequestResources(
        limits: limits, memory: memory, chunkPool: FairShare(capacity: chunkPoolByteCount)),
      concurrency: concurrency,
      matcherCache: MatcherCache(maximumCount: matcherCacheSize, registry: registry),
      accounting: QueryAccounting(queries, registry: registry), registry: registry,
      executor: executor,
      recheck: { blocks in
        for block in blocks { Task { await sync.recheck(block) } }
      })
  }

  func loop(
    bucket: any Bucket, publishing published: PublishedBlocks, executor: BlockingExecutor,
    remote: RemoteBlockResources?, status: SyncStatus, registry: MetricRegistry, logger: Logger
  ) -> BlockSyncLoop {
    let localFiles = remote == nil ? nil : dataDirectory
    let fetcher = CatalogFetcher(
      bucket: bucket, rules: rules, discovery: discovery, concurrency: fetchConcurrency,
      metaCache: localFiles.map(MetaCache.init),
      converted: convertedBlocks.map {
        ConvertedBlocks(bucket: $0, concurrency: fetchConcurrency, logger: logger)
      },
      metrics: CatalogMetrics(
        registry, showsCompactionMarks: false, showsConverted: convertedBlocks != nil),
      logger: logger,
      now: WallClock.milliseconds)
    let sync = BlockSync(
      bucket: bucket, fetcher: fetcher, publishing: published, metrics: SyncMetrics(registry),
      executor: executor, logger: logger, concurrency: loadConcurrency,
      open: remote.map(remoteBlocks),
      retainLocalFiles: { ids in
        await remote?.headers.removeAll(except: ids)
        if let localFiles { await LocalBlockFiles(dataDirectory: localFiles).retain(ids) }
      })
    let watch = bucket.localDirectory.map { root in
      BlockWatch(root: root, sync: sync, watcher: DirectoryWatcher(), logger: logger)
    }
    registry.gauge(
      "thanos_consistency_delay_seconds", help: "Configured consistency delay in seconds."
    ).set(Double(consistencyDelay.milliseconds) / 1000)
    return BlockSyncLoop(
      sync: sync, watch: watch, interval: syncInterval, status: status, logger: logger)
  }

  /// What reading blocks needs that are far away; nil for a bucket with local files.
  func remoteResources(
    of bucket: any Bucket, registry: MetricRegistry, logger: Logger
  ) -> RemoteBlockResources? {
    // Registered in any case: dashboards ask for their metrics.
    let cache = indexCache.makeCache(registry: registry, logger: logger)
    let metrics = IndexHeaderMetrics(registry)
    guard bucket.localDirectory == nil else { return nil }
    let reader = RangeReader(bucket)
    let store = IndexHeaderStore(
      IndexHeaderStore.Configuration(
        dataDirectory: dataDirectory, isLazy: headers.isLazy,
        downloadsAtUse: headers.downloadsAtUse, idleTimeout: headers.idleTimeout),
      reader: reader, metrics: metrics, logger: logger)
    return RemoteBlockResources(
      reader: reader, headers: store, cache: cache, metrics: FetchMetrics(registry),
      options: remote)
  }

  var rules: CatalogRules {
    var rules = CatalogRules()
    rules.timePartition = TimePartition(range: window.current)
    rules.deletionDelay = DeletionDelay(milliseconds: deletionDelay.milliseconds)
    rules.consistencyDelay = ConsistencyDelay(milliseconds: consistencyDelay.milliseconds)
    rules.selector = selector()
    return rules
  }
}

extension Duration {
  fileprivate var milliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
