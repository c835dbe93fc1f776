public import BlockCatalog
public import IndexCache
public import Logging
public import ObjectStore
public import RemoteBlocks
public import ServerRuntime
public import ServiceLifecycle
internal import StoreAPI
public import TSDBBlock
public import Telemetry

/// Serves the blocks of a bucket over the Thanos StoreAPI.
///
///     first look at the bucket ─► blocks are opened ─► ready, gRPC listens ─► sync, again and again
///
/// Ready when every block of the first look was tried, at the latest five seconds after the look.
/// Blocks that take longer are announced, and served from the moment they are open.
///
/// Stops gracefully: calls that run are finished. Nothing is ever written to the bucket.
public struct StoreGatewayService: Service {
  /// What flags decide.
  public struct Configuration: Sendable {
    public var address = ListenAddress(host: "0.0.0.0", port: 10905)
    /// Connections are asked to go elsewhere after this time; their streams finish.
    public var maxConnectionAge = Duration.seconds(3600)
    public var syncInterval = Duration.seconds(900)
    public var window = ServedWindow.everything
    /// How old a deletion mark must be to hide its block.
    public var deletionDelay = Duration.seconds(24 * 3600)
    /// How old a block must be to be seen.
    public var consistencyDelay = Duration.zero
    /// How much one request may touch.
    public var limits = RequestLimits()
    /// How many Series calls, and how many label calls, run at a time; 0 for any number.
    public var concurrency = 20
    /// Compiled regular expressions to keep; 0 for none.
    public var matcherCacheSize = 0
    /// What all requests may hold together.
    public var memory = MemoryBudget(byteCount: MachineMemory.byteCount / 2)
    /// Blocks that it drops are another gateway's; nil takes them all. Asked for at every sync,
    /// because a reload may change it.
    public var selector: @Sendable () -> RelabelSelector? = { nil }
    /// How blocks are found.
    public var discovery = BlockDiscovery.concurrent
    /// Blocks whose directories are looked at in parallel.
    public var fetchConcurrency = 32
    /// Blocks opened in parallel.
    public var loadConcurrency = 20
    /// Where parts of the indexes of remote blocks are kept in memory.
    public var indexCache = IndexCacheConfiguration(size: ByteSize(byteCount: 250 << 20))
    /// How remote blocks are read.
    public var remote = RemoteBlockOptions()
    /// When index-headers are made, opened and closed.
    public var headers = IndexHeaderLoading()
    /// Bytes of chunks that all requests may have fetched at once from remote blocks.
    public var chunkPoolByteCount = 2 << 30
    /// Where to keep what is known of remote blocks; nil keeps nothing. A bucket with local files
    /// needs no such copies.
    public var dataDirectory: String?

    public init() {}
  }

  /// When index-headers of remote blocks are made, opened and closed.
  public struct IndexHeaderLoading: Equatable, Sendable {
    /// Open headers at their first use and close them when nobody has used them for a while.
    public var isLazy = true
    /// With lazy headers: do not even make the file before the first use.
    public var downloadsAtUse = false
    /// How long an open header may be unused.
    public var idleTimeout = Duration.seconds(300)

    public init() {}
  }

  private let configuration: Configuration
  private let published = PublishedBlocks()
  private let loop: BlockSyncLoop
  private let executor: BlockingExecutor
  private let status = SyncStatus()
  private let queries: RunningQueries
  private let requestLog: RequestLog?
  private let registry: MetricRegistry
  private let logger: Logger
  private let setReady: @Sendable (Bool) -> Void
  /// Nil for a bucket whose blocks are mapped.
  private let headers: IndexHeaderStore?

  /// - Parameters:
  ///   - queries: where calls under way are listed.
  ///   - requestLog: which calls are logged.
  ///   - setReady: Told true when calls are answered, false when they no longer will be.
  public init(
    bucket: any Bucket, configuration: Configuration, registry: MetricRegistry, logger: Logger,
    queries: RunningQueries = RunningQueries(), requestLog: RequestLog? = nil,
    setReady: @escaping @Sendable (Bool) -> Void
  ) {
    self.queries = queries
    self.requestLog = requestLog
    self.configuration = configuration
    self.registry = registry
    self.logger = logger
    self.setReady = setReady
    executor = BlockingExecutor(threadLimit: 16)
    let remote = configuration.remoteResources(of: bucket, registry: registry, logger: logger)
    headers = remote?.headers
    loop = configuration.loop(
      bucket: bucket, publishing: published, executor: executor, remote: remote,
      status: status, registry: registry, logger: logger)
  }

  /// Looks at the bucket now, and not only when the interval is over.
  public func syncSoon() { loop.sync.requests.request() }

  /// What is served at this moment.
  public struct Served: Sendable {
    public var blocks: [BlockMeta]
    /// When the bucket was seen last, Unix milliseconds; 0 before the first time.
    public var refreshed: Int64
    /// Why the last look at the bucket failed.
    public var failure: String?
  }

  public var served: Served {
    Served(
      blocks: published.current.sets.flatMap { $0.blocks.map(\.meta) },
      refreshed: status.refreshed, failure: status.failure)
  }

  /// The threads that read blocks, by name.
  public var executors: KeyValuePairs<String, BlockingExecutor> {
    ["queries": executor, "files": .shared]
  }

  public func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      let loop = loop
      group.addTask {
        do {
          try await cancelWhenGracefulShutdown { try await loop.run() }
        } catch is CancellationError {
          return
        }
      }
      if let headers {
        group.addTask {
          await cancelWhenGracefulShutdown { await headers.run() }
        }
      }
      group.addTask {
        do {
          try await cancelWhenGracefulShutdown { try await loop.waitUntilReady() }
        } catch is CancellationError {
          return
        }
        try await serve()
      }
      // The first error ends both; a shutdown is waited for.
      for try await _ in group {}
    }
  }

  private func serve() async throws {
    let health = HealthService(services: ["thanos.Store", "thanos.info.Info"])
    let server = makeServer(health)
    health.setServing(true)
    setReady(true)
    defer { setReady(false) }
    try await server.run()
  }

  private func makeServer(_ health: HealthService) -> StoreServer {
    StoreServer(
      address: configuration.address, maxConnectionAge: configuration.maxConnectionAge,
      store: GatewayStoreService(
        blocks: published, window: configuration.window,
        resources: RequestResources(
          limits: configuration.limits, memory: configuration.memory,
          chunkPool: FairShare(capacity: configuration.chunkPoolByteCount)),
        concurrency: configuration.concurrency,
        matcherCache: MatcherCache(
          maximumCount: configuration.matcherCacheSize, registry: registry),
        accounting: QueryAccounting(queries, registry: registry), registry: registry,
        executor: executor,
        recheck: { [sync = loop.sync] blocks in
          for block in blocks { Task { await sync.recheck(block) } }
        }),
      info: InfoService(blocks: published, window: configuration.window), health: health,
      registry: registry, requestLog: requestLog, logger: logger)
  }
}

extension StoreGatewayService.Configuration {
  fileprivate func loop(
    bucket: any Bucket, publishing published: PublishedBlocks, executor: BlockingExecutor,
    remote: RemoteBlockResources?, status: SyncStatus, registry: MetricRegistry, logger: Logger
  ) -> BlockSyncLoop {
    let localFiles = remote == nil ? nil : dataDirectory
    let fetcher = CatalogFetcher(
      bucket: bucket, rules: rules, discovery: discovery, concurrency: fetchConcurrency,
      metaCache: localFiles.map(MetaCache.init),
      metrics: CatalogMetrics(registry, showsCompactionMarks: false), logger: logger,
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
  fileprivate func remoteResources(
    of bucket: any Bucket, registry: MetricRegistry, logger: Logger
  ) -> RemoteBlockResources? {
    // Registered in any case: dashboards ask for their metrics.
    let cache = indexCache.makeCache(registry: registry)
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
