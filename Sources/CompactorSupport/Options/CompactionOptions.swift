package import ArgumentParser
internal import BlockCatalog
internal import CommandSupport
package import Compactor
internal import ObjectStore

/// Flags that say what to compact and when.
package struct CompactionOptions: ParsableArguments {
  @Option(
    name: .customLong("data-dir"),
    help: ArgumentHelp("Directory for blocks that are being made.", valueName: "path"))
  var dataDirectory = "./data"

  @Flag(name: .shortAndLong, help: "Do not exit after a run but start the next one.")
  var wait = false

  @Option(
    name: .customLong("wait-interval"),
    help: ArgumentHelp("Time from the start of one run to the next.", valueName: "duration"))
  var waitInterval = PrometheusDuration(milliseconds: 300_000)

  @OptionGroup package var delays: DelayOptions

  @Option(
    name: .customLong("min-time"),
    help: ArgumentHelp("Touch nothing older: RFC 3339, or relative as -2w.", valueName: "time"))
  var minTime: TimeOrDuration?

  @Option(
    name: .customLong("max-time"),
    help: ArgumentHelp("Touch nothing newer: RFC 3339, or relative as -2h.", valueName: "time"))
  var maxTime: TimeOrDuration?

  @Option(
    name: .customLong("block-discovery-strategy"),
    help: ArgumentHelp(
      "How blocks are found: concurrent lists each block, recursive the whole bucket at once.",
      valueName: "strategy"))
  var discovery = BlockDiscovery.concurrent

  @Option(
    name: .customLong("block-meta-fetch-concurrency"),
    help: ArgumentHelp("Blocks looked at in parallel.", valueName: "n"))
  var fetchConcurrency = 32

  @Option(
    name: .customLong("compact.cleanup-interval"),
    help: ArgumentHelp(
      "With --wait: how often uploads that were given up are removed; 0s for never beside the runs.",
      valueName: "duration"))
  var cleanupInterval = PrometheusDuration(milliseconds: 300_000)

  @Option(
    name: .customLong("compact.progress-interval"),
    help: ArgumentHelp(
      "With --wait: how often the metrics thanos_compact_todo_* are computed; 0s for never.",
      valueName: "duration"))
  var progressInterval = PrometheusDuration(milliseconds: 300_000)

  @Option(
    name: .customLong("compact.concurrency"),
    help: ArgumentHelp("Groups of blocks compacted at once.", valueName: "n"))
  var concurrency = 1

  @Option(
    name: .customLong("compact.block-max-index-size"),
    help: ArgumentHelp(
      "A merge that could make a larger index is not made.", valueName: "size",
      visibility: .hidden))
  var indexSizeLimit = ByteSize(byteCount: 64 << 30)

  @Option(
    name: .customLong("debug.max-compaction-level"),
    help: ArgumentHelp(
      "Longest blocks to make: 1 is 2h, 2 is 8h, 3 is 2d, 4 is 14d.", valueName: "level",
      visibility: .hidden))
  var maxLevel = 4

  @Flag(
    name: .customLong("debug.halt-on-error"),
    help: ArgumentHelp(
      "Stop working at the first failure and stay up, as Thanos does.", visibility: .hidden))
  var haltsOnError = false

  package init() {}

  package func validate() throws {
    guard concurrency > 0 else {
      throw ValidationError("--compact.concurrency must be at least 1")
    }
    guard waitInterval.milliseconds > 0 else {
      throw ValidationError("--wait-interval must be longer than 0s")
    }
    guard fetchConcurrency > 0 else {
      throw ValidationError("--block-meta-fetch-concurrency must be at least 1")
    }
    guard (0..<RangePlanner.standardRanges.count).contains(maxLevel) else {
      throw ValidationError("--debug.max-compaction-level must be from 0 to 4")
    }
    if let minTime, let maxTime, minTime.milliseconds() > maxTime.milliseconds() {
      throw ValidationError("--min-time is after --max-time; exchange them or leave one out")
    }
  }

  package var configuration: CompactorConfiguration {
    var configuration = CompactorConfiguration(dataDirectory: dataDirectory)
    delays.apply(to: &configuration)
    configuration.timePartition = { [minTime, maxTime] in
      let from = minTime?.milliseconds() ?? Int64.min
      return TimePartition(range: from...max(from, maxTime?.milliseconds() ?? Int64.max))
    }
    configuration.planner = CompactionPlanner(
      ranges: RangePlanner(ranges: Array(RangePlanner.standardRanges.prefix(maxLevel + 1))),
      indexSizeLimit: Int64(indexSizeLimit.byteCount))
    configuration.discovery = discovery
    configuration.fetchConcurrency = fetchConcurrency
    configuration.groupConcurrency = concurrency
    configuration.cleanupInterval =
      cleanupInterval.milliseconds > 0 ? cleanupInterval.duration : nil
    configuration.progressInterval =
      progressInterval.milliseconds > 0 ? progressInterval.duration : nil
    configuration.haltsOnError = haltsOnError
    configuration.waitInterval = wait ? waitInterval.duration : nil
    return configuration
  }
}
