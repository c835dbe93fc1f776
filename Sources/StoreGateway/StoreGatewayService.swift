public import Logging
public import ObjectStore
internal import RemoteBlocks
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
  private let configuration: Configuration
  private let published = PublishedBlocks()
  private let loop: BlockSyncLoop
  private let executor: BlockingExecutor
  private let status = SyncStatus()
  private let requestLog: RequestLog?
  private let store: GatewayStoreService
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
    store = configuration.store(
      of: published, sync: loop.sync, executor: executor, queries: queries, registry: registry)
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

  /// Calls of the StoreAPI without a connection. Answered as long as ``run()`` runs.
  public var calls: StoreCalls { StoreCalls(store: store) }

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
    var server = makeServer(health)
    server.onListening = { [setReady] in
      health.setServing(true)
      setReady(true)
    }
    defer { setReady(false) }
    try await server.run()
  }

  private func makeServer(_ health: HealthService) -> StoreServer {
    StoreServer(
      address: configuration.address, maxConnectionAge: configuration.maxConnectionAge,
      store: store,
      info: InfoService(blocks: published, window: configuration.window), health: health,
      registry: registry, requestLog: requestLog, tls: configuration.tls, logger: logger)
  }
}
