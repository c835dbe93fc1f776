internal import ArgumentParser
internal import CommandSupport
package import Compactor

/// Flags that say how long blocks of each resolution are kept.
package struct RetentionOptions: ParsableArguments {
  @Option(
    name: .customLong("retention.resolution-raw"),
    help: ArgumentHelp(
      "How long raw samples are kept; 0d is for ever.", valueName: "duration"))
  var raw = PrometheusDuration(milliseconds: 0)

  @Option(
    name: .customLong("retention.resolution-5m"),
    help: ArgumentHelp(
      "How long samples of 5 minutes are kept; 0d is for ever.", valueName: "duration"))
  var fiveMinutes = PrometheusDuration(milliseconds: 0)

  @Option(
    name: .customLong("retention.resolution-1h"),
    help: ArgumentHelp(
      "How long samples of 1 hour are kept; 0d is for ever.", valueName: "duration"))
  var oneHour = PrometheusDuration(milliseconds: 0)

  package init() {}

  package var policy: RetentionPolicy {
    RetentionPolicy(
      raw: raw.milliseconds, fiveMinutes: fiveMinutes.milliseconds, oneHour: oneHour.milliseconds)
  }
}
