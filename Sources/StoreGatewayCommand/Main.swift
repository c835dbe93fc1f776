internal import ArgumentParser
internal import BlockCatalog
internal import BlockViewer
internal import CommandSupport
internal import Logging
internal import ObjectStore
internal import ServerRuntime
internal import ServerSupport
internal import StoreGateway
internal import Telemetry
internal import TransportSecurity

@main
struct StoreGatewayCommand: Program {
  static let configuration = CommandConfiguration(
    commandName: "store-gateway",
    abstract: "Serves Prometheus blocks in a bucket over the Thanos StoreAPI.",
    discussion: """
      Takes the place of 'thanos store': flags, ports and metrics are the same, and a leading word \
      'store' is accepted. Nothing is written to the bucket, but for marks when \
      --enable-admin-operations is given.

      SIGHUP and POST /-/reload read files again: the configuration of the bucket, the \
      relabel selector, the limits of requests, the request logging, certificates, passwords. What \
      is wrong in a file is logged, and what was read before stays.

      EXAMPLES
        store-gateway --objstore.config='{type: FILESYSTEM, config: {directory: /var/blocks}}'
        store-gateway --objstore.config-file=bucket.yml --min-time=-6w
        store-gateway --generate-completion-script bash
      """,
    version: BuildInfo.text(program: "store-gateway"))

  static let leadingWord: String? = "store"
  static let ignoredFlags = IgnoredFlags.common.union(.store)

  @OptionGroup var logging: LogOptions
  @OptionGroup var objectStore: ObjectStoreOptions
  @OptionGroup var converted: ConvertedBlocksOptions
  @OptionGroup var selector: SelectorOptions
  @OptionGroup var web: WebOptions
  @OptionGroup var requestLogging: RequestLogOptions

  @Option(
    name: .customLong("grpc-address"),
    help: ArgumentHelp("Where StoreAPI, Info, health and reflection listen.", valueName: "address"),
    transform: { try ListenAddress($0) })
  var grpcAddress = ListenAddress(host: "0.0.0.0", port: 10905)

  @Option(
    name: .customLong("http-address"),
    help: ArgumentHelp(
      "Where metrics, probes and the page of blocks listen.", valueName: "address"),
    transform: { try ListenAddress($0) })
  var httpAddress = ListenAddress(host: "0.0.0.0", port: 10906)

  @Option(
    name: .customLong("grpc-server-max-connection-age"),
    help: ArgumentHelp(
      "Connections older than this are asked to reconnect.", valueName: "duration"))
  var maxConnectionAge = PrometheusDuration(milliseconds: 3_600_000)

  @Option(
    name: .customLong("grpc-grace-period"),
    help: ArgumentHelp(
      "How long calls may go on when the program is told to stop.", valueName: "duration"))
  var gracePeriod = PrometheusDuration(milliseconds: 120_000)

  @Option(
    name: .customLong("data-dir"),
    help: ArgumentHelp(
      "Directory for local files. A FILESYSTEM bucket needs none, so nothing is written.",
      valueName: "path"))
  var dataDirectory = "./data"

  @Flag(
    name: .customLong("cache-index-header"), inversion: .prefixedNo,
    help: "Keep index-headers and metas of remote blocks in --data-dir, for the next start.")
  var keepsLocalFiles = true

  @Option(
    name: .customLong("sync-block-duration"),
    help: ArgumentHelp(
      """
      How often the whole bucket is looked at. Changes in a FILESYSTEM bucket are noticed within a \
      second, unless another host makes them.
      """, valueName: "duration"))
  var syncInterval = PrometheusDuration(milliseconds: 900_000)

  @Option(
    name: .customLong("block-discovery-strategy"),
    help: ArgumentHelp(
      """
      How blocks are found: concurrent lists the root and then each block, recursive the whole \
      bucket at once, which takes fewer calls where these cost.
      """, valueName: "strategy"))
  var discovery = BlockDiscovery.concurrent

  @Option(
    name: .customLong("block-meta-fetch-concurrency"),
    help: ArgumentHelp("Blocks looked at in parallel.", valueName: "n"))
  var fetchConcurrency = 32

  @Option(
    name: .customLong("block-sync-concurrency"),
    help: ArgumentHelp("Blocks opened in parallel.", valueName: "n"))
  var loadConcurrency = 20

  @Option(
    name: .customLong("min-time"),
    help: ArgumentHelp("Serve nothing older: RFC 3339, or relative as -2w.", valueName: "time"))
  var minTime: TimeOrDuration?

  @Option(
    name: .customLong("max-time"),
    help: ArgumentHelp("Serve nothing newer: RFC 3339, or relative as -2h.", valueName: "time"))
  var maxTime: TimeOrDuration?

  @Option(
    name: .customLong("consistency-delay"),
    help: ArgumentHelp(
      "How old a block must be to be seen, unless a compactor made it.", valueName: "duration"))
  var consistencyDelay = PrometheusDuration(milliseconds: 0)

  @Option(
    name: .customLong("ignore-deletion-marks-delay"),
    help: ArgumentHelp(
      "How old a deletion mark must be to hide its block.", valueName: "duration"))
  var deletionDelay = PrometheusDuration(milliseconds: 86_400_000)

  @OptionGroup var grpcTLS: GRPCTLSOptions
  @OptionGroup var limits: LimitOptions
  @OptionGroup var remote: RemoteOptions

  func validate() throws {
    guard syncInterval.milliseconds > 0 else {
      throw ValidationError("--sync-block-duration must be longer than 0s")
    }
    guard fetchConcurrency > 0 else {
      throw ValidationError("--block-meta-fetch-concurrency must be at least 1")
    }
    guard loadConcurrency > 0 else {
      throw ValidationError("--block-sync-concurrency must be at least 1")
    }
    if let minTime, let maxTime, minTime.milliseconds() > maxTime.milliseconds() {
      throw ValidationError("--min-time is after --max-time; exchange them or leave one out")
    }
  }

  mutating func run() async throws {
    let logger = Logger(label: "store-gateway")
    let process = try await ServerProcess(
      component: "store", requestLogging: requestLogging.source, logger: logger)
    let bucket = try await process.bucket(objectStore.source, mayMove: true)
    let limited = try await process.limits(limits.source)
    let selected = try await process.selector(selector.source)
    var configuration = gatewayConfiguration
    configuration.selector = { selected.current }
    configuration.limits = { limited.current }
    try await remote.apply(to: &configuration)
    configuration.convertedBlocks = try await converted.makeBucket()
    if let tls = try await grpcTLS.credentials(logger: logger) {
      configuration.tls = tls
      process.reloads.register("the certificate of gRPC") { try await tls.reload() }
    }
    let cached = try await remote.cached(bucket, registry: process.registry, logger: logger)
    let gateway = StoreGatewayService(
      bucket: cached, configuration: configuration, registry: process.registry, logger: logger,
      queries: process.queries, requestLog: process.requestLog, setReady: process.setReady)
    if selector.source.isFile || objectStore.source.isFile {
      process.reloads.register("the blocks that are served") { gateway.syncSoon() }
    }
    let routes = BlockRoutes.make(
      web, loaded: { BlockView.Content(gateway.served) }, bucket: bucket,
      flags: FlagReport(of: Self.self, arguments: Array(CommandLine.arguments.dropFirst())).values,
      logger: logger)
    try await process.run(
      gateway, grace: (gracePeriod.duration, "--grpc-grace-period"), address: httpAddress,
      web: web, routes: routes, executors: gateway.executors)
  }

  /// What flags make of the gateway, without those that name files.
  var gatewayConfiguration: StoreGatewayService.Configuration {
    var configuration = StoreGatewayService.Configuration()
    configuration.address = grpcAddress
    configuration.maxConnectionAge = maxConnectionAge.duration
    configuration.syncInterval = syncInterval.duration
    configuration.window = ServedWindow(from: minTime, to: maxTime)
    configuration.consistencyDelay = consistencyDelay.duration
    configuration.deletionDelay = deletionDelay.duration
    limits.apply(to: &configuration)
    configuration.discovery = discovery
    configuration.fetchConcurrency = fetchConcurrency
    configuration.loadConcurrency = loadConcurrency
    configuration.dataDirectory = keepsLocalFiles ? dataDirectory : nil
    return configuration
  }
}
