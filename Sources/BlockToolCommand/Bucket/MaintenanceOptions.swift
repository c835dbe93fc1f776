internal import ArgumentParser
internal import CommandSupport
internal import Compactor
internal import Logging

/// What `bucket cleanup` and `bucket retention` have in common.
struct MaintenanceOptions: ParsableArguments {
  @OptionGroup var bucket: BucketOptions
  @OptionGroup var selector: SelectorOptions

  @Option(
    name: .customLong("delete-delay"),
    help: ArgumentHelp(
      "How long a block stays after it was marked for deletion.", valueName: "duration"))
  var deleteDelay = PrometheusDuration(milliseconds: 48 * 3_600_000)

  @Option(
    name: .customLong("consistency-delay"),
    help: ArgumentHelp(
      "How old a block must be to be touched, unless a compactor made it.", valueName: "duration"))
  var consistencyDelay = PrometheusDuration(milliseconds: 1_800_000)

  @Option(
    name: .customLong("block-sync-concurrency"),
    help: ArgumentHelp("Blocks looked at in parallel.", valueName: "n"))
  var concurrency = 20

  @Flag(help: "Change nothing, only say what would be done.")
  var dryRun = false

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func validate() throws {
    guard concurrency > 0 else {
      throw ValidationError("--block-sync-concurrency must be at least 1.")
    }
  }

  func configuration() throws -> CompactorConfiguration {
    var configuration = CompactorConfiguration(dataDirectory: ".")
    configuration.deleteDelay = deleteDelay.milliseconds
    configuration.consistencyDelay = consistencyDelay.milliseconds
    configuration.fetchConcurrency = concurrency
    let source = selector.source
    let relabeling = try waitFor { try await source.selector(.silent) }
    configuration.selector = { relabeling }
    return configuration
  }
}
