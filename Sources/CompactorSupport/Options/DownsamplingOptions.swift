package import ArgumentParser
internal import CommandSupport
internal import Compactor

/// Flags that say which resolutions there are and how long each is kept.
package struct DownsamplingOptions: ParsableArguments {
  @Flag(
    name: .customLong("downsampling.disable"),
    help: "Make no blocks of 5 minutes and 1 hour; queries over long times will be slow.")
  var isDisabled = false

  @Option(
    name: .customLong("downsample.concurrency"),
    help: ArgumentHelp(
      "Groups of blocks downsampled at once; each block uses all cores.", valueName: "n"))
  var concurrency = 1

  @OptionGroup package var retention: RetentionOptions

  private static let hour: Int64 = 3_600_000

  package init() {}

  package func validate() throws {
    guard concurrency > 0 else {
      throw ValidationError("--downsample.concurrency must be at least 1")
    }
    guard !isDisabled else { return }
    try check(retention.raw, "raw", atLeast: 40 * Self.hour, "40h", what: "5m")
    try check(retention.fiveMinutes, "5m", atLeast: 240 * Self.hour, "10d", what: "1h")
  }

  /// Blocks must live until they are long enough to be downsampled.
  private func check(
    _ retention: PrometheusDuration, _ name: String, atLeast limit: Int64, _ text: String,
    what next: String
  ) throws {
    guard retention.milliseconds != 0, retention.milliseconds < limit else { return }
    throw ValidationError(
      "--retention.resolution-\(name)=\(retention) is too short: blocks are downsampled to "
        + "\(next) only when they are \(text) long; give at least \(text), or "
        + "--downsampling.disable")
  }

  func apply(to configuration: inout CompactorConfiguration) {
    configuration.downsamples = !isDisabled
    configuration.downsampleConcurrency = concurrency
    configuration.retention = retention.policy
  }
}
