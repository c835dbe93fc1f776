internal import ArgumentParser
internal import CommandSupport
internal import Compactor
internal import CompactorSupport
internal import Logging

/// What `bucket cleanup` and `bucket retention` have in common.
struct MaintenanceOptions: ParsableArguments {
  @OptionGroup var bucket: BucketOptions
  @OptionGroup var selector: SelectorOptions
  @OptionGroup var delays: DelayOptions

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
    delays.apply(to: &configuration)
    configuration.fetchConcurrency = concurrency
    let source = selector.source
    let relabeling = try waitFor { try await source.selector(.silent) }
    configuration.selector = { relabeling }
    return configuration
  }
}
