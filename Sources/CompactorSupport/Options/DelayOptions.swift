internal import ArgumentParser
internal import CommandSupport
package import Compactor
package import Telemetry

/// Flags that say how long blocks wait before something is done to them.
package struct DelayOptions: ParsableArguments {
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

  package init() {}

  package func apply(to configuration: inout CompactorConfiguration) {
    configuration.deleteDelay = deleteDelay.milliseconds
    configuration.consistencyDelay = consistencyDelay.milliseconds
  }

  package func register(in registry: MetricRegistry) {
    registry.gauge(
      "thanos_delete_delay_seconds", help: "Configured delete delay in seconds."
    ).set(Double(deleteDelay.milliseconds) / 1000)
    registry.gauge(
      "thanos_consistency_delay_seconds", help: "Configured consistency delay in seconds."
    ).set(Double(consistencyDelay.milliseconds) / 1000)
  }
}
