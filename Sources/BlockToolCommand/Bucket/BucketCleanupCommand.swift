internal import ArgumentParser
internal import Compactor
internal import Console
internal import TSDBBlock
internal import Telemetry

/// `blocktool bucket cleanup`
struct BucketCleanupCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "cleanup",
    abstract: "Delete blocks marked long ago and uploads that were given up.",
    discussion: """
      blocktool bucket cleanup --objstore.config-file=bucket.yml --dry-run
      blocktool bucket cleanup --objstore.config-file=bucket.yml --delete-delay 24h

      Deleted are blocks whose deletion mark is older than --delete-delay, and directories without
      meta.json that nobody has written to for two days. A block with a meta.json that cannot be read
      stays. What is deleted is gone, unless the store keeps versions: see bucket undelete.
      Exit codes: 0 clean, 1 usage or I/O error or a block that could not be deleted.
      """)

  @OptionGroup var options: MaintenanceOptions

  func run(_ context: ToolContext) throws -> ToolStatus {
    let maintenance = BucketMaintenance(
      try options.configuration(), bucket: try options.bucket.open(context),
      now: WallClock.milliseconds)
    let isDryRun = options.dryRun
    let cleanup = try waitFor { try await maintenance.cleanUp(isDryRun: isDryRun) }
    switch options.output {
    case .text:
      let verb = isDryRun ? "would be deleted" : "deleted"
      for id in cleanup.marked { try context.output.write("\(id)  \(verb): marked\n") }
      for id in cleanup.abandoned {
        try context.output.write("\(id)  \(verb): an upload that was given up\n")
      }
      let count = cleanup.marked.count + cleanup.abandoned.count
      try context.output.write("\(HumanText.plural(count, "block")) \(verb)\n")
    case .json:
      let answer = RawJSON.object([
        "dry_run": .bool(isDryRun),
        "marked": .array(cleanup.marked.map { .string($0.description) }),
        "abandoned": .array(cleanup.abandoned.map { .string($0.description) }),
        "failures": .array(cleanup.failures.map { .string($0) }),
      ])
      try context.output.write(answer.compactBytes + [0x0A])
    }
    for failure in cleanup.failures { context.remark("blocktool: \(failure)") }
    return cleanup.failures.isEmpty ? .clean : .failed
  }
}
