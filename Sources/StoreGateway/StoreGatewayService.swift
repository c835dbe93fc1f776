public import BlockCatalog
internal import IndexCache
public import Logging
public import ObjectStore
public import ServerRuntime
public import ServiceLifecycle
internal import StoreAPI
public import Telemetry

/// Serves the blocks of a bucket over the Thanos StoreAPI.
///
///     first sync ─► ready ─► gRPC listens ─► sync at every interval
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
    /// Blocks that it drops are another gateway's; nil takes them all.
    public var selector: RelabelSelector?

    public init() {}
  }

  private let configuration: Configuration
  private let published = PublishedBlocks()
  private let loop: BlockSyncLoop
  private let executor: BlockingExecutor
  private let registry: MetricRegistry
  private let logger: Logger
  private let setReady: @Sendable (Bool) -> Void

  /// - Parameter setReady: Told true when calls are answered, false when they no longer will be.
  public init(
    bucket: any Bucket, configuration: Configuration, registry: MetricRegistry, logger: Logger,
    setReady: @escaping @Sendable (Bool) -> Void
  ) {
    self.configuration = configuration
    self.registry = registry
    self.logger = logger
    self.setReady = setReady
    executor = BlockingExecutor(threadLimit: 16)
    let fetcher = CatalogFetcher(
      bucket: bucket, rules: configuration.rules, logger: logger, now: WallClock.milliseconds)
    loop = BlockSyncLoop(
      sync: BlockSync(
        bucket: bucket, fetcher: fetcher, publishing: published,
        metrics: SyncMetrics(registry), executor: executor, logger: logger),
      interval: configuration.syncInterval, logger: logger)
  }

  public func run() async throws {
    do {
      try await cancelWhenGracefulShutdown { try await loop.firstSync() }
    } catch is CancellationError {
      return
    }
    let health = HealthService(services: ["thanos.Store", "thanos.info.Info"])
    let server = makeServer(health)
    health.setServing(true)
    setReady(true)
    defer { setReady(false) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      group.addTask { try await loop.run() }
      // The loop only ends with the server, and the server with a shutdown or an error.
      try await group.next()
      group.cancelAll()
    }
  }

  private func makeServer(_ health: HealthService) -> StoreServer {
    StoreServer(
      address: configuration.address, maxConnectionAge: configuration.maxConnectionAge,
      store: GatewayStoreService(
        blocks: published, window: configuration.window,
        resources: RequestResources(limits: configuration.limits, memory: configuration.memory),
        concurrency: configuration.concurrency,
        matcherCache: MatcherCache(
          maximumCount: configuration.matcherCacheSize, registry: registry),
        registry: registry, executor: executor),
      info: InfoService(blocks: published, window: configuration.window), health: health,
      registry: registry, logger: logger)
  }
}

extension StoreGatewayService.Configuration {
  var rules: CatalogRules {
    var rules = CatalogRules()
    rules.timePartition = TimePartition(range: window.current)
    rules.deletionDelay = DeletionDelay(milliseconds: deletionDelay.milliseconds)
    rules.consistencyDelay = ConsistencyDelay(milliseconds: consistencyDelay.milliseconds)
    rules.selector = selector
    return rules
  }
}

extension Duration {
  fileprivate var milliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
