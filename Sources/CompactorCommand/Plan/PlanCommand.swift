internal import ArgumentParser
internal import BlockCatalog
internal import CommandSupport
internal import Compactor
internal import CompactorSupport
internal import Console
internal import Logging
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// `compact plan`: what a run would do, and why not.
struct PlanCommand: Program {
  static let configuration = CommandConfiguration(
    commandName: "compact plan",
    abstract: "Tell what 'compact' would do to a bucket, without doing it.",
    discussion: """
      Takes the flags of 'compact', so that a unit file's can be given as they are. Lists every \
      block with what becomes of it and why, the merges in order, and the disk and time they need. \
      Reads meta.json and marks only, and changes nothing.

      EXAMPLES
        compact plan --objstore.config-file=bucket.yml
        compact plan --objstore.config-file=bucket.yml --explain 01HRHZ2KZ8H174NHP7YJ73AGKH
        compact plan --objstore.config-file=bucket.yml --output json
        compact plan --metas cases.jsonl
      """,
    version: BuildInfo.text(program: "compact plan"))

  static let leadingWord: String? = nil
  static let ignoredFlags = CompactorCommand.ignoredFlags.union(
    IgnoredFlags(
      valued: [
        "http-address", "http-grace-period", "web.external-prefix", "web.route-prefix",
        "web.prefix-header", "bucket-web-label", "request.logging-config",
        "request.logging-config-file", "block-viewer.global.sync-block-interval",
        "block-viewer.global.sync-block-timeout",
      ],
      switches: [
        "web.disable", "web.disable-cors", "enable-admin-operations", "disable-admin-operations",
      ]))

  @OptionGroup var logging: LogOptions
  @OptionGroup var objectStore: ObjectStoreOptions
  @OptionGroup var flags: CompactorFlags

  @Option(help: ArgumentHelp("Tell about this block only.", valueName: "ulid"))
  var explain: String?

  @Option(help: "text or json.")
  var output = Format.text

  @Option(
    help: ArgumentHelp(
      """
      Plan cases instead of a bucket: one JSON object a line, with 'blocks' (ulid, min, max, level, \
      sources, …), 'ranges', 'noCompactMarked', 'vertical', 'indexSizeLimit'. Answers with one a line.
      """, valueName: "path"))
  var metas: String?

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  mutating func run() async throws {
    if let metas {
      try await PlanCases(path: metas).run()
      return
    }
    let logger = Logger(label: "plan")
    var configuration = flags.configuration
    let selector = try await flags.selector.source.selector(logger)
    configuration.selector = { selector }
    let bucket = try await objectStore.makeBucket()
    let compactor = CompactorService(
      configuration: configuration, bucket: bucket,
      metrics: CompactorMetrics(registry: MetricRegistry()), logger: logger,
      now: WallClock.milliseconds)
    let plan: BucketPlan
    do {
      plan = try await compactor.plan()
    } catch {
      throw CommandError("\(error)")
    }
    let isLocal = (try? ObjectName("x")).flatMap { bucket.localPath($0) } != nil
    let estimate = PlanEstimate(
      plan, copiesInputs: !isLocal, concurrency: configuration.groupConcurrency)
    if let explain {
      try printBlock(explain, of: plan)
    } else if output == .json {
      print(String(decoding: PlanJSON.make(plan, estimate).compactBytes, as: UTF8.self))
    } else {
      print(PlanText(plan, estimate, Terminal.current()).render(), terminator: "")
    }
  }

  private func printBlock(_ text: String, of plan: BucketPlan) throws {
    guard let id = BlockID(text) else {
      throw CommandError(
        "--explain: \(text) is no ULID: 26 characters such as 01HRHZ2KZ8H174NHP7YJ73AGKH")
    }
    guard let block = plan.blocks.first(where: { $0.id == id }) else {
      throw CommandError("block \(id) is not in the bucket")
    }
    if output == .json {
      print(String(decoding: PlanJSON.block(block).compactBytes, as: UTF8.self))
    } else {
      print(PlanText.explanation(of: block, in: plan), terminator: "")
    }
  }
}
