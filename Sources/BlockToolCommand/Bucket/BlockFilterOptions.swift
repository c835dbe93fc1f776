internal import ArgumentParser
internal import BlockCatalog
internal import BlockViewer
internal import CommandSupport
internal import TSDBBlock

/// Which blocks of a bucket a command is about.
struct BlockFilterOptions: ParsableArguments {
  @Option(
    name: [.customShort("l"), .customLong("selector")],
    help: ArgumentHelp(
      "Only blocks with this external label, such as 'cluster=\"eu\"'; also !=, =~ and !~. "
        + "Given several times, all must match.", valueName: "label"))
  var labels: [LabelSelector] = []

  @Option(
    help: ArgumentHelp("Only blocks of this resolution: raw, 5m or 1h; may be given again."))
  var resolution: [ResolutionArgument] = []

  @Option(help: ArgumentHelp("Only blocks of this compaction level; may be given again."))
  var level: [Int] = []

  @OptionGroup var time: TimeOptions
  @OptionGroup var relabeling: SelectorOptions

  /// Every block that is meant, marked ones and duplicates too.
  func rules() throws -> CatalogRules {
    let source = relabeling.source
    var rules = BucketBlocks.rules
    rules.selector = try waitFor { try await source.selector(.silent) }
    rules.timePartition = time.partition
    return rules
  }

  func keeps(_ meta: BlockMeta) -> Bool {
    let external = meta.thanos?.labels ?? []
    return labels.allSatisfy { $0.matches(external) }
      && (resolution.isEmpty || resolution.contains { $0.milliseconds == meta.resolution })
      && (level.isEmpty || level.contains(meta.compaction.level))
  }
}

/// `--min-time` and `--max-time`.
struct TimeOptions: ParsableArguments, Sendable {
  @Option(
    name: .customLong("min-time"),
    help: ArgumentHelp(
      "Only blocks that end later: RFC 3339, or relative as -2w.", valueName: "time"))
  var minTime: TimeOrDuration?

  @Option(
    name: .customLong("max-time"),
    help: ArgumentHelp(
      "Only blocks that begin earlier: RFC 3339, or relative as -2h.", valueName: "time"))
  var maxTime: TimeOrDuration?

  func validate() throws {
    if let minTime, let maxTime, minTime.milliseconds() > maxTime.milliseconds() {
      throw ValidationError("--min-time is after --max-time; exchange them or leave one out.")
    }
  }

  var partition: TimePartition {
    let from = minTime?.milliseconds() ?? .min
    return TimePartition(range: from...max(from, maxTime?.milliseconds() ?? .max))
  }
}

/// `raw`, `5m`, `1h`, or any other length of time.
struct ResolutionArgument: ExpressibleByArgument, Hashable {
  var milliseconds: Int64

  init(milliseconds: Int64) { self.milliseconds = milliseconds }

  init?(argument: String) {
    if argument == "raw" {
      milliseconds = 0
    } else if let duration = PrometheusDuration(argument) {
      milliseconds = duration.milliseconds
    } else {
      return nil
    }
  }

  var defaultValueDescription: String {
    milliseconds == 0 ? "raw" : PrometheusDuration(milliseconds: milliseconds).description
  }
}
