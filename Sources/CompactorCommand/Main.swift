internal import ArgumentParser
internal import BlockCatalog
internal import BlockViewer
internal import CommandSupport
internal import Compactor
internal import Logging
internal import ObjectStore
internal import ServerRuntime
internal import ServiceLifecycle
internal import Telemetry
internal import UnixSignals

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

      Exit status: 0 everything is done, 1 something is left undone, with the reason on one line.

      EXAMPLES
        compact --objstore.config='{type: FILESYSTEM, config: {directory: /var/blocks}}'
        compact plan --objstore.config-file=bucket.yml
        compact --wait --wait-interval=10m --objstore.config-file=bucket.yml
        compact --wait --objstore.config-file=bucket.yml --retention.resolution-raw=90d \\
          --deduplication.replica-label=replica --deduplication.func=penalty
      """,
    version: BuildInfo.version)

  static let leadingWord: String? = "compact"
  static let ignoredFlags = IgnoredFlags.common.union(.compact)
  static let subprograms: [any Program.Type] = [PlanCommand.self]

  @OptionGroup var logging: LogOptions
  @OptionGroup var objectStore: ObjectStoreOptions
  @OptionGroup var flags: CompactorFlags

  @Option(
    name: .customLong("http-address"),
    help: ArgumentHelp("Where metrics and probes listen.", valueName: "address"),
    transform: { try ListenAddress($0) })
  var httpAddress = ListenAddress(host: "0.0.0.0", port: 10912)

  @Flag(name: .customLong("web.disable"), help: "Serve no page and no API of blocks.")
  var hidesPage = false

  @Option(
    name: .customLong("bucket-web-label"),
    help: ArgumentHelp(
      "External label whose value is the title of a group on the page.", valueName: "name"))
  var titleLabel = ""

  mutating func run() async throws {
    let logger = Logger(label: "compact")
    let registry = MetricRegistry()
    BuildInfo.register(in: registry)
    ProcessMetrics.register(in: registry)
    let probe = Probe(component: "compact", registry: registry)
    let bucket = MeteredBucket(try await objectStore.makeBucket(), registry: registry)
    let view = BlockView()
    let compactor = CompactorService(
      configuration: try await flags.configuration(logger), bucket: bucket,
      metrics: CompactorMetrics(registry: registry), logger: logger,
      observer: ProgressDisplay(logger: logger),
      onLook: { look in
        switch look {
        case .success(let snapshot): view.show(snapshot, now: WallClock.milliseconds())
        case .failure(let error): view.fail(error.description)
        }
      }, now: WallClock.milliseconds)
    flags.options.registerDelays(in: registry)
    let admin = AdminServer(
      address: httpAddress, registry: registry, probe: probe,
      routes: hidesPage ? [] : BlocksAPI.routes(loaded: view, label: titleLabel), logger: logger,
      onListening: { _ in probe.setReady(true) })
    let group = ServiceGroupConfiguration(
      services: [
        .init(service: admin),
        // A single run that is over, well or not, ends the program.
        .init(
          service: compactor, successTerminationBehavior: .gracefullyShutdownGroup,
          failureTerminationBehavior: .gracefullyShutdownGroup),
      ],
      gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    try await ServiceGroup(configuration: group).run()
  }
}
