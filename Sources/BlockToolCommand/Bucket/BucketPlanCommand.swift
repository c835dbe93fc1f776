internal import ArgumentParser
internal import CommandSupport
internal import Compactor
internal import CompactorSupport
internal import Logging
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// `blocktool bucket plan`
struct BucketPlanCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Tell what a compactor would do to the bucket, and why not.",
    discussion: """
      blocktool bucket plan --objstore.config-file=bucket.yml
      blocktool bucket plan --objstore.config-file=bucket.yml --output json

      Takes the flags of 'compact' that decide on blocks, and answers as 'compact plan' does.
      Exit codes: 0 clean, 1 usage or I/O error.
      """)

  @OptionGroup var bucket: BucketOptions
  @OptionGroup var flags: CompactorFlags

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func run(_ context: ToolContext) throws -> ToolStatus {
    let bucket = try bucket.open(context)
    var configuration = flags.configuration
    let source = flags.selector.source
    let selector = try waitFor { try await source.selector(.silent) }
    configuration.selector = { selector }
    let compactor = CompactorService(
      configuration: configuration, bucket: bucket,
      metrics: CompactorMetrics(registry: MetricRegistry()), logger: .silent,
      now: WallClock.milliseconds)
    let plan = try waitFor { try await compactor.plan() }
    let estimate = PlanEstimate(
      plan, copiesInputs: bucket.localDirectory == nil,
      concurrency: configuration.groupConcurrency)
    switch output {
    case .text:
      try context.output.write(PlanText(plan, estimate, context.terminal).render())
    case .json:
      try context.output.write(PlanJSON.make(plan, estimate).compactBytes + [0x0A])
    }
    return .clean
  }
}
