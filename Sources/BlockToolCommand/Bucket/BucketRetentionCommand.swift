internal import ArgumentParser
internal import CommandSupport
internal import Compactor
internal import CompactorSupport
internal import Console
internal import TSDBBlock
internal import Telemetry

/// `blocktool bucket retention`
struct BucketRetentionCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "retention",
    abstract: "Mark blocks for deletion whose retention is over.",
    discussion: """
      blocktool bucket retention --objstore.config-file=bucket.yml --retention.resolution-raw 30d \\
        --retention.resolution-5m 1y --dry-run

      A block goes as a whole, when its newest sample is older than the retention of its resolution;
      0d keeps it for ever. Blocks are marked, not deleted: see bucket cleanup.
      Exit codes: 0 clean, 1 usage or I/O error or a block that could not be marked.
      """)

  @OptionGroup var options: MaintenanceOptions

  @OptionGroup var retention: RetentionOptions

  func run(_ context: ToolContext) throws -> ToolStatus {
    var configuration = try options.configuration()
    configuration.retention = retention.policy
    let maintenance = BucketMaintenance(
      configuration, bucket: try options.bucket.open(context), now: WallClock.milliseconds)
    let isDryRun = options.dryRun
    let (blocks, failures) = try waitFor { try await maintenance.expire(isDryRun: isDryRun) }
    switch options.output {
    case .text:
      let verb = isDryRun ? "would be marked" : "marked"
      for meta in blocks {
        try context.output.write(
          "\(meta.id)  \(verb): \(HumanText.resolution(meta.resolution)), ends "
            + "\(HumanText.time(meta.maxTime))\n")
      }
      try context.output.write("\(HumanText.plural(blocks.count, "block")) \(verb)\n")
    case .json:
      let answer = RawJSON.object([
        "dry_run": .bool(isDryRun),
        "expired": .array(blocks.map { .string($0.id.description) }),
        "failures": .array(failures.map { .string($0) }),
      ])
      try context.output.write(answer.compactBytes + [0x0A])
    }
    for failure in failures { context.remark("blocktool: \(failure)") }
    return failures.isEmpty ? .clean : .failed
  }
}
