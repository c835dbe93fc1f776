internal import ArgumentParser
internal import Console
internal import TSDBBlock

/// `blocktool merge BLOCK... -o DIRECTORY`
struct MergeCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Make one block of several.",
    discussion: """
      blocktool merge /data/01HR… /data/01HS… -o /tmp/merged
      blocktool merge REPLICA-A REPLICA-B -o /tmp/merged --overlaps penalty --label cluster=eu

      Where chunks of a series claim the same time, --overlaps says what happens:
        refuse   nothing is written (the default)
        chain    every time once, from any of the blocks: what Prometheus does
        penalty  the blocks are replicas; one is followed until it has a gap: what Thanos does

      Deleted samples are left out. The result is read back before it gets its name. It lists the
      inputs as its parents: Prometheus deletes those that lie in the same directory.
      Exit codes: 0 clean, 1 usage or I/O error or blocks that do not fit, 2 damage found.
      """)

  enum Overlaps: String, ExpressibleByArgument, CaseIterable {
    case refuse, chain, penalty

    var policy: OverlapPolicy {
      switch self {
      case .refuse: .refuse
      case .chain: .chain
      case .penalty: .penalty
      }
    }
  }

  @Argument(help: "The directories of the blocks, or their ULIDs in a bucket.")
  var blocks: [String]

  @OptionGroup var input: BlockInput

  @OptionGroup var options: RewriteOptions

  @Option(help: "refuse, chain or penalty.")
  var overlaps = Overlaps.refuse

  @Option(
    name: .long,
    help: ArgumentHelp("An external label of the result, any number of times.", valueName: "n=v"))
  var label: [String] = []

  func validate() throws { _ = try ExternalLabels.parse(label) }

  func run(_ context: ToolContext) throws -> ToolStatus {
    try input.withBlocks(blocks, context) {
      var command = self
      command.blocks = $0
      return try command.carryOut(context)
    }
  }

  private func carryOut(_ context: ToolContext) throws -> ToolStatus {
    try context.rewriting(blocks) {
      let inputs = try blocks.map { try openBlock($0) }
      var meta = try BlockLineage.merged(
        inputs.map(\.meta), labels: label.isEmpty ? nil : try ExternalLabels.parse(label))
      let ranges = try inputs.map { try $0.timeRange() }
      meta.minTime = ranges.map(\.minTime).min() ?? 0
      meta.maxTime = ranges.map(\.maxTime).max() ?? 0
      let block = try NewBlock(in: options.directory, meta, context)
      let hasSamples = try block.write { (writer) throws(BlockMergeError) in
        try merge(inputs, into: writer, context)
      }
      guard hasSamples else {
        throw ToolError("the blocks hold no samples that are not deleted; nothing was written")
      }
      try block.publish()
      try block.tell(options.output)
      return .clean
    }
  }

  private func merge(
    _ inputs: [BlockReader], into writer: BlockWriter, _ context: ToolContext
  ) throws(BlockMergeError) -> NewBlock.Written? {
    let merge = BlockMerge(
      inputs: inputs, range: Int64.min...Int64.max, overlaps: overlaps.policy)
    context.progress?.begin("merging")
    let summary = try merge.run(into: writer) { progress in
      context.progress?.update(progress.readSeries, of: progress.totalSeries, "series")
      return true
    }
    return summary.map { NewBlock.Written(fingerprint: $0.fingerprint, series: $0.series) }
  }
}
