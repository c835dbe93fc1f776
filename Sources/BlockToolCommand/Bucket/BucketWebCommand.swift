internal import ArgumentParser
internal import BlockCatalog
internal import BlockViewer
internal import CommandSupport
internal import Logging
internal import ObjectStore
internal import ServerRuntime
internal import ServerSupport
internal import ServiceLifecycle
internal import TSDBBlock
internal import Telemetry

/// `blocktool bucket web`
struct BucketWebCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "web",
    abstract: "Serve the page of the blocks of a bucket.",
    discussion: """
      blocktool bucket web --objstore.config-file=bucket.yml --http-address 127.0.0.1:10902
      blocktool bucket web --objstore.config-file=bucket.yml --label cluster --refresh 5m

      The page is at /, its data at /api/v1/blocks; metrics and probes are there as in the servers.
      The bucket is looked at when somebody opens the page, at most once in --refresh. Ends with
      SIGINT or SIGTERM.
      Exit codes: 0 stopped, 1 usage or I/O error.
      """)

  @OptionGroup var bucket: BucketOptions

  @Option(
    name: .customLong("http-address"),
    help: ArgumentHelp("Where the page listens.", valueName: "address"),
    transform: { try ListenAddress($0) })
  var address = ListenAddress(host: "0.0.0.0", port: 10902)

  @OptionGroup var web: WebOptions

  @Option(help: ArgumentHelp("How old the page may be.", valueName: "duration"))
  var refresh = PrometheusDuration(milliseconds: 1_800_000)

  @Option(help: ArgumentHelp("How long a look at the bucket may take.", valueName: "duration"))
  var timeout = PrometheusDuration(milliseconds: 300_000)

  @Option(
    help: ArgumentHelp(
      "External label whose value is the title of a group on the page.", valueName: "name"))
  var label: String?

  @OptionGroup var time: TimeOptions
  @OptionGroup var selector: SelectorOptions
  @OptionGroup var requestLogging: RequestLogOptions
  @OptionGroup var logging: LogOptions

  func validate() throws {
    guard timeout.milliseconds > 0 else {
      throw ValidationError("--timeout must be longer than 0s.")
    }
  }

  func run(_ context: ToolContext) throws -> ToolStatus {
    Interruption.leaveToOthers()
    logging.bootstrap(program: "blocktool")
    var web = web
    if let label { web.titleLabel = label }
    let bucket = try bucket.open(context)
    let (source, time, address) = (selector.source, time, address)
    let (requests, refresh, timeout) = (requestLogging.source, refresh, timeout)
    let options = web
    let words = CommandLine.arguments
    let arguments = Array(words.suffix(from: (words.firstIndex(of: "web") ?? -1) + 1))
    try waitFor {
      let logger = Logger(label: "web")
      let process = try await ServerProcess(
        component: "bucket-web", requestLogging: requests, logger: logger)
      let selector = try await process.selector(source)
      let rules = { @Sendable () -> CatalogRules in
        var rules = BucketBlocks.rules
        rules.timePartition = time.partition
        rules.selector = selector.current
        return rules
      }
      let all = BucketBlocks(
        CatalogFetcher(
          bucket: bucket, rules: rules(), logger: logger, now: WallClock.milliseconds),
        interval: refresh.duration, limit: timeout.duration, now: WallClock.milliseconds)
      let routes = BlockRoutes.make(
        options, loaded: { await all.content() }, all: { await all.content() }, bucket: bucket,
        flags: FlagReport(ofCommand: Self.self, arguments: arguments).values, logger: logger)
      try await process.run(
        UntilShutdown(), grace: nil, address: address, web: options, routes: routes,
        executors: ["files": .shared], onListening: { process.setReady(true) })
    }
    return .clean
  }
}

/// Does nothing until the process is told to stop.
private struct UntilShutdown: Service {
  func run() async throws { try await gracefulShutdown() }
}
