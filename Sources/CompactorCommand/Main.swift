internal import ArgumentParser
internal import BlockCatalog
internal import BlockViewer
internal import CommandSupport
internal import Compactor
internal import CompactorSupport
internal import Logging
internal import ObjectStore
internal import ServerRuntime
internal import ServerSupport
internal import Telemetry

@main
struct CompactorCommand: Program {
  static let configuration = CommandConfiguration(
    commandName: "compact",
    abstract: "Merges, deduplicates and downsamples Prometheus blocks in a bucket.",
    discussion: """
      Takes the place of 'thanos compact': flags and metrics are the same, and a leading word \
      'compact' is accepted. Runs once, or with --wait again and again.

      A merged block is read back and compared with its inputs before these are marked for \
      deletion. Marked blocks are deleted after --delete-delay. A block that is damaged gets a \
      no-compact mark with the reason, and the rest goes on.

      'compact plan' tells what would be done, and why not.

      SIGHUP and POST /-/reload read files again: the relabel selector, the request logging, and \
      how the same bucket is reached. What is wrong in a file is logged, and what was read before stays.

      Exit status: 0 everything is done, or with --wait SIGTERM or SIGINT ended it; 1 something is \
      left undone, or a flag or a file is wrong, with the reason on one line.

      EXAMPLES
        compact --objstore.config='{type: FILESYSTEM, config: {directory: /var/blocks}}'
        compact plan --objstore.config-file=bucket.yml
        compact --wait --wait-interval=10m --objstore.config-file=bucket.yml
        compact --wait --objstore.config-file=bucket.yml --retention.resolution-raw=90d \\
          --deduplication.replica-label=replica --deduplication.func=penalty
        compact --generate-completion-script bash
      """,
    version: BuildInfo.text(program: "compact"))

  static let leadingWord: String? = "compact"
  static let ignoredFlags = IgnoredFlags.common.union(.compact)
  static let subprograms: [any Program.Type] = [PlanCommand.self]

  @OptionGroup var logging: LogOptions
  @OptionGroup var objectStore: ObjectStoreOptions
  @OptionGroup var flags: CompactorFlags

  @Option(
    name: .customLong("http-address"),
    help: ArgumentHelp(
      "Where metrics, probes and the page of blocks listen.", valueName: "address"),
    transform: { try ListenAddress($0) })
  var httpAddress = ListenAddress(host: "0.0.0.0", port: 10912)

  @OptionGroup var web: WebOptions
  @OptionGroup var requestLogging: RequestLogOptions
  @OptionGroup var viewer: ViewerOptions

  mutating func run() async throws {
    // Outputs, postings and file buffers of a merge; between merges hardly anything is needed.
    Allocator.returnBuffers(from: 1 << 19)
    let logger = Logger(label: "compact")
    let process = try await ServerProcess(
      component: "compact", requestLogging: requestLogging.source, logger: logger)
    let bucket = try await process.bucket(objectStore.source, mayMove: false)
    let view = BlockView()
    let selected = try await process.selector(flags.selector.source)
    var configuration = flags.configuration
    configuration.selector = { selected.current }
    let compactor = CompactorService(
      configuration: configuration, bucket: bucket,
      metrics: CompactorMetrics(registry: process.registry), logger: logger,
      observer: ProgressDisplay(logger: logger),
      onLook: { look in
        switch look {
        case .success(let snapshot): view.show(snapshot, now: WallClock.milliseconds())
        case .failure(let error): view.fail(error.description)
        }
      }, now: WallClock.milliseconds)
    flags.options.delays.register(in: process.registry)
    let routes = BlockRoutes.make(
      web, loaded: { view.content }, bucket: bucket,
      flags: FlagReport(of: Self.self, arguments: Array(CommandLine.arguments.dropFirst())).values,
      interval: viewer.interval.duration, limit: viewer.limit.duration,
      metrics: web.isDisabled
        ? nil
        : CatalogMetrics(process.registry, showsCompactionMarks: true, prefix: "thanos_bucket_ui"),
      logger: logger)
    try await process.run(
      compactor, grace: nil, address: httpAddress, web: web, routes: routes,
      executors: ["files": .shared], onListening: { process.setReady(true) })
  }
}
