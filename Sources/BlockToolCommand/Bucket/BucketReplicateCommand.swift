internal import ArgumentParser
internal import BlockCatalog
internal import BlockViewer
internal import CommandSupport
internal import Console
internal import Glibc
internal import ObjectStore
internal import TSDBBlock

/// `blocktool bucket replicate`
struct BucketReplicateCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "replicate",
    abstract: "Copy blocks to another bucket.",
    discussion: """
      blocktool bucket replicate --objstore.config-file=a.yml --objstore-to.config-file=b.yml \\
        --single-run
      blocktool bucket replicate --objstore.config-file=a.yml --objstore-to.config-file=b.yml \\
        --single-run --matcher 'cluster="eu-1"' --resolution 5m --resolution 1h

      Copies the blocks that the flags choose, the oldest first, meta.json last. Blocks that are there
      with the same meta.json are not copied again; files that are there are sent again when their
      size differs. Marks are not copied. Without --single-run the bucket is looked at every minute.
      Exit codes: 0 clean, 1 usage or I/O error or a block that could not be copied.
      """)

  @OptionGroup var bucket: BucketOptions
  @OptionGroup var target: TargetBucketOptions

  @Option(help: "Only blocks of this resolution: raw, 5m or 1h; may be given again.")
  var resolution: [ResolutionArgument] = [0, 300_000, 3_600_000].map {
    ResolutionArgument(milliseconds: $0)
  }

  @Option(name: .customLong("compaction-min"), help: "Only blocks of at least this level.")
  var leastLevel = 1

  @Option(name: .customLong("compaction-max"), help: "Only blocks of at most this level.")
  var mostLevel = 4

  @Option(help: "Only blocks of this level, whatever the two above say; may be given again.")
  var compaction: [Int] = []

  @Option(
    help: ArgumentHelp(
      "Only blocks with this external label: 'cluster=\"eu\"', 'replica=~\"a|b\"'; may be given "
        + "again, all must match.", valueName: "label"))
  var matcher: [LabelSelector] = []

  @Flag(name: .customLong("single-run"), help: "Copy once and exit.")
  var runsOnce = false

  @OptionGroup var time: TimeOptions

  @Option(help: ArgumentHelp("Only this block; may be given again.", valueName: "ulid"))
  var id: [BlockID] = []

  @Flag(
    name: .customLong("ignore-marked-for-deletion"), help: "Leave out blocks marked for deletion.")
  var ignoresMarked = false

  @Option(
    name: .customLong("tmp.dir"),
    help: ArgumentHelp("Where objects lie on their way.", valueName: "path"))
  var scratch: String?

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func run(_ context: ToolContext) throws -> ToolStatus {
    let source = try bucket.open(context)
    let transfer = BlockTransfer(
      source: source, target: try context.openBucket(target.source),
      scratch: try ScratchDirectory(in: scratch), context: context)
    while true {
      let status = try copy(from: source, transfer, context)
      if runsOnce { return status }
      try context.output.flush()
      sleep(60)
    }
  }

  private func copy(
    from source: any Bucket, _ transfer: BlockTransfer, _ context: ToolContext
  ) throws -> ToolStatus {
    var rules = BucketBlocks.rules
    rules.timePartition = time.partition
    let entries = try BucketLook.snapshot(of: source, rules).entries.filter(keeps)
      .sorted { ($0.meta.minTime, $0.id) < ($1.meta.minTime, $1.id) }
    var status = ToolStatus.clean
    for entry in entries {
      do {
        try tell(entry.meta, try transfer.copy(entry.id), context)
      } catch let error as OutputClosed {
        throw error
      } catch {
        context.remark("blocktool: block \(entry.id): \(error)")
        status = .failed
      }
    }
    return status
  }

  private func keeps(_ entry: CatalogSnapshot.Entry) -> Bool {
    let meta = entry.meta
    let level = meta.compaction.level
    let levels =
      compaction.isEmpty
      ? level >= leastLevel && level <= mostLevel
      : compaction.contains(level)
    return levels && (id.isEmpty || id.contains(meta.id))
      && !(ignoresMarked && entry.deletionMark != nil)
      && resolution.contains { $0.milliseconds == meta.resolution }
      && matcher.allSatisfy { $0.matches(meta.thanos?.labels ?? []) }
  }

  private func tell(
    _ meta: BlockMeta, _ sent: BlockTransfer.Sent?, _ context: ToolContext
  ) throws {
    switch output {
    case .text:
      let what =
        sent.map {
          "copied, \(HumanText.plural($0.objects, "object")), \(HumanText.bytes($0.bytes))"
        }
        ?? "is there"
      try context.output.write("\(meta.id)  \(HumanText.time(meta.minTime))  \(what)\n")
    case .json:
      let line = RawJSON.object([
        "ulid": .string(meta.id.description), "copied": .bool(sent != nil),
        "objects": .count(sent?.objects ?? 0), "bytes": .count(sent?.bytes ?? 0),
      ])
      try context.output.write(line.compactBytes + [0x0A])
    }
  }
}
