internal import ArgumentParser
internal import CommandSupport
internal import Compactor
internal import CompactorSupport
internal import Console
internal import Glibc
internal import TSDBBlock
internal import Telemetry

/// `blocktool bucket downsample`
struct BucketDownsampleCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "downsample",
    abstract: "Downsample every block of a bucket that is long enough.",
    discussion: """
      blocktool bucket downsample --objstore.config-file=bucket.yml --data-dir /tmp/work

      Raw blocks of 40 hours become blocks of 5 minutes, these of 10 days blocks of 1 hour, as
      'compact' makes them; blocks with a no-downsample mark are left out. Runs once; with
      --wait-interval again and again, as Thanos does.
      Exit codes: 0 clean, 1 usage or I/O error or a block that could not be downsampled.
      """)

  @OptionGroup var bucket: BucketOptions

  @Option(
    name: .customLong("data-dir"),
    help: ArgumentHelp("Directory for blocks that are being made.", valueName: "path"))
  var dataDirectory = "./data"

  @Option(
    name: .customLong("downsample.concurrency"),
    help: ArgumentHelp(
      "Groups of blocks downsampled at once; each block uses all cores.", valueName: "n"))
  var concurrency = 1

  @OptionGroup var files: FileTransferOptions

  @Option(
    name: .customLong("wait-interval"),
    help: ArgumentHelp("Run again after this time.", valueName: "duration"))
  var interval: PrometheusDuration?

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func validate() throws {
    guard concurrency > 0 else {
      throw ValidationError("--downsample.concurrency must be at least 1.")
    }
  }

  func run(_ context: ToolContext) throws -> ToolStatus {
    var configuration = CompactorConfiguration(dataDirectory: dataDirectory)
    configuration.downsampleConcurrency = concurrency
    configuration.consistencyDelay = 0
    files.apply(to: &configuration)
    let maintenance = BucketMaintenance(
      configuration, bucket: try bucket.open(context), now: WallClock.milliseconds)
    while true {
      let report = try waitFor { try await maintenance.downsample() }
      try tell(report, context)
      if interval != nil { try context.output.flush() }
      guard let interval else { return report.isClean ? .clean : .failed }
      sleep(UInt32(clamping: max(1, interval.milliseconds / 1000)))
    }
  }

  private func tell(_ report: RunReport, _ context: ToolContext) throws {
    switch output {
    case .text:
      for id in report.downsampledBlocks { try context.output.write("\(id)  made\n") }
      let count = report.downsampledBlocks.count
      try context.output.write("\(HumanText.plural(count, "block")) made\n")
    case .json:
      let answer = RawJSON.object([
        "made": .array(report.downsampledBlocks.map { .string($0.description) }),
        "failures": .array(report.failures.map { .string($0) }),
      ])
      try context.output.write(answer.compactBytes + [0x0A])
    }
    for failure in report.failures { context.remark("blocktool: \(failure)") }
  }
}
