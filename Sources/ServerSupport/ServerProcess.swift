public import BlockCatalog
internal import Buckets
public import CommandSupport
public import Logging
public import ObjectStore
public import ServerRuntime
public import ServiceLifecycle
public import Telemetry
internal import UnixSignals

/// What the processes of both servers have in common: metrics, probes, reload, shutdown.
///
///     SIGHUP, POST /-/reload ─► reloads
///     SIGTERM, SIGINT ─► STOPPING=1 ─► the service ends, within its grace period ─► HTTP ends
///
/// Works as process 1 of a container, where signals without a handler are lost: all three have one.
public struct ServerProcess: Sendable {
  public let registry = MetricRegistry()
  public let probe: Probe
  public let reloads: Reloads
  public let queries = RunningQueries()
  public let requestLog: RequestLog
  private let manager = ServiceManager(environment: environmentVariable)
  private let logger: Logger

  /// - Parameter component: `store` or `compact`, as Thanos names it.
  public init(
    component: String, requestLogging: RequestLogSource, logger: Logger
  ) async throws(CommandError) {
    self.logger = logger
    probe = Probe(component: component, registry: registry)
    reloads = Reloads(logger: logger)
    let configuration = Reloadable(try await requestLogging.configuration())
    requestLog = RequestLog(configuration: configuration, logger: logger)
    if requestLogging.isFile {
      reloads.register("the request logging configuration") {
        configuration.replace(by: try await requestLogging.configuration())
      }
    }
    BuildInfo.register(in: registry)
    ProcessMetrics.register(in: registry)
  }

  /// The bucket, measured; its configuration is read again at each reload when it comes from a
  /// file.
  ///
  /// - Parameter mayMove: whether another bucket may take its place while the program runs.
  public func bucket(
    _ source: ObjectStoreSource, mayMove: Bool
  ) async throws(CommandError) -> any Bucket {
    let configuration = Reloadable(try await source.configuration())
    let bucket = ReplaceableBucket(try source.makeBucket(configuration.current))
    if source.isFile {
      reloads.register("the bucket configuration") {
        let next = try await source.configuration()
        guard next != configuration.current else { return }
        guard mayMove || next.isSameBucket(as: configuration.current) else {
          throw CommandError(
            "\(source.origin): names another bucket; restart the program to change to it")
        }
        bucket.replace(by: try source.makeBucket(next))
        configuration.replace(by: next)
      }
    }
    return MeteredBucket(bucket, registry: registry)
  }

  /// The relabel selector, read again at each reload when it comes from a file.
  public func selector(
    _ source: SelectorSource
  ) async throws(CommandError) -> Reloadable<RelabelSelector?> {
    let logger = logger
    let selector = Reloadable(try await source.selector(logger))
    if source.isFile {
      reloads.register("the relabel selector") {
        selector.replace(by: try await source.selector(logger))
      }
    }
    return selector
  }

  /// Tells probes, metrics and the service manager whether calls are answered.
  public func setReady(_ isReady: Bool) {
    probe.setReady(isReady)
    if isReady { manager.tell(.ready) }
  }

  /// Runs until SIGTERM, SIGINT, or the end of the service.
  ///
  /// - Parameters:
  ///   - service: what the program is for; its end ends the program.
  ///   - grace: how long its shutdown may take, with the flag that says so; nil for any time.
  ///   - routes: what is served over HTTP beside metrics, probes, reload and debugging.
  ///   - executors: threads for blocking work, by name.
  public func run(
    _ service: any Service, grace: (period: Duration, flag: String)?, address: ListenAddress,
    web: WebOptions, routes: [AdminRoute], executors: KeyValuePairs<String, BlockingExecutor>,
    onListening: @escaping @Sendable () -> Void = {}
  ) async throws {
    var configuration = web.configuration(address)
    configuration.security = try await security(web, address)
    RuntimeMetrics.register(in: registry) { executors.reduce(0) { $0 + $1.value.load.waiting } }
    let admin = AdminServer(
      configuration: configuration, registry: registry, probe: probe,
      routes: routes + [.reload(reloads)]
        + DebugRoutes.routes(queries: queries, executors: executors),
      requestLog: requestLog, logger: logger, onListening: { _ in onListening() })
    var bounded = service
    if let grace {
      bounded = GracePeriod(grace.period, of: service, flag: grace.flag, logger: logger)
    }
    let stopLimit = web.gracePeriod.duration + (grace?.period ?? .zero) + .seconds(10)
    // One that fails lets the others end in peace; its error is what the program ends with. A
    // shutdown begins at the end: probes answer until calls are finished.
    let services: [ServiceGroupConfiguration.ServiceConfiguration] = [
      .init(
        service: GracePeriod(
          web.gracePeriod.duration, of: admin, flag: "--http-grace-period", logger: logger),
        failureTerminationBehavior: .gracefullyShutdownGroup),
      .init(
        service: bounded, successTerminationBehavior: .gracefullyShutdownGroup,
        failureTerminationBehavior: .gracefullyShutdownGroup),
      .init(
        service: ReloadSignals(reloads, manager: manager),
        successTerminationBehavior: .ignore),
      .init(
        service: ServiceManagerLink(manager, probe: probe, stopLimit: stopLimit),
        successTerminationBehavior: .ignore),
    ]
    let group = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    try await ServiceGroup(configuration: group).run()
  }

  /// - Throws: ``CommandError`` for a configuration that is wrong, and where strangers could mark blocks.
  private func security(
    _ web: WebOptions, _ address: ListenAddress
  ) async throws(CommandError) -> WebSecurity? {
    let mustKnowClients = web.allowsMarking && !address.isOfThisMachineOnly
    let security = try await web.security(mustKnowClients: mustKnowClients, logger: logger)
    guard security != nil || !mustKnowClients else {
      throw CommandError(
        "--enable-admin-operations lets whoever reaches \(address) mark blocks for deletion; give "
          + "--http.config with passwords or client certificates, or listen on 127.0.0.1")
    }
    if let security {
      reloads.register("the web configuration") { try await security.reload() }
    }
    if web.allowsMarking, security?.knowsItsClients != true {
      logger.warning(
        "anybody who reaches the HTTP port may mark blocks for deletion",
        metadata: [
          "flag": "--enable-admin-operations",
          "do": "give --http.config with passwords or client certificates",
        ])
    }
    return security
  }
}
