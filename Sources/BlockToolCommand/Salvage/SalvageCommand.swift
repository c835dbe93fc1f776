internal import ArgumentParser
internal import BlockCatalog
internal import CommandSupport
internal import Console
internal import TSDBBlock
internal import Telemetry

/// `blocktool salvage BLOCK -o DIRECTORY`
struct SalvageCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "salvage",
    abstract: "Make a new block of everything that can be proven of a damaged one.",
    discussion: """
      blocktool salvage /data/01HRHZ2KZ8H174NHP7YJ73AGKH -o /data/salvaged
      blocktool salvage BLOCK --dry-run
      blocktool salvage BLOCK -o DIR --output json | jq '.losses'
      blocktool salvage 01HRHZ2KZ8H174NHP7YJ73AGKH --objstore.config-file=bucket.yml --in-bucket

      Postings, tables and statistics are made anew; series and labels out of order are sorted,
      duplicates merged, chunks that overlap merged sample by sample. Only what a checksum proves
      and what fits the times of the index is taken; the rest is listed with its series and times.
      The new block is read back and compared before the command says that it is good. The damaged
      block is never changed.

      The damaged block becomes the parent of the new one: a Prometheus that finds both in its data
      directory deletes the damaged one.

      With a bucket the block is named by its ULID. --in-bucket uploads the new block when its proof
      holds, and then marks the damaged one: not to be compacted, and for deletion, which bucket
      undelete takes back until a compactor carries it out; with --keep-damaged only the former.
      Nothing is changed when nothing can be saved or nothing is damaged. One that is left without
      meta.json cannot be marked; bucket cleanup removes it.
      Exit codes: 0 nothing is lost, 1 usage or I/O error, 2 something is lost.
      """)

  @Argument(help: "The directory of the block, or its ULID in a bucket.")
  var block: String

  @OptionGroup var input: BlockInput

  @Option(
    name: [.customShort("o"), .customLong("output-directory")],
    help: "Where the new block goes, under a new ULID; made when it does not exist.")
  var directory: String?

  @Flag(help: "Write nothing, only say what could be saved.")
  var dryRun = false

  @Flag(
    help: """
      Keep samples outside the block's range and widen it. They are left out otherwise, unless so \
      many lie outside that the range must be wrong.
      """)
  var keepOutside = false

  @Flag(help: "Upload the new block and mark the damaged one.")
  var inBucket = false

  @Flag(help: "With --in-bucket: do not mark the damaged block for deletion.")
  var keepDamaged = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "With --in-bucket: an external label, where the damaged block does not tell them any more; "
        + "may be given again.", valueName: "n=v"))
  var label: [String] = []

  @OptionGroup var hashes: HashOptions

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func validate() throws {
    guard [dryRun, directory != nil, inBucket].count(where: \.self) == 1 else {
      throw ValidationError("Give one of -o DIRECTORY, --dry-run and --in-bucket.")
    }
    guard !inBucket || input.isBucket else {
      throw ValidationError("--in-bucket needs --objstore.config-file or --objstore.config.")
    }
    guard hashes.function == .none || inBucket else {
      throw ValidationError("--hash-func goes with --in-bucket.")
    }
    _ = try ExternalLabels.parse(label)
  }

  func run(_ context: ToolContext) throws -> ToolStatus {
    if inBucket { return try replace(context) }
    return try input.withBlock(block, context) {
      var command = self
      command.block = $0
      return try command.carryOut(context)
    }
  }

  private func replace(_ context: ToolContext) throws -> ToolStatus {
    guard let id = BlockID(block) else {
      throw ToolError("\(block) is no ULID; a block of a bucket is named by its ULID")
    }
    var salvage = BucketSalvage(
      bucket: try context.openBucket(input.objectStore.source),
      scratch: try ScratchDirectory(in: input.scratch), context: context)
    salvage.keepsOutsideSamples = keepOutside
    salvage.labels = try ExternalLabels.parse(label)
    salvage.fate = keepDamaged ? .kept : .deleted
    salvage.hashFunction = hashes.function
    let outcome = try input.withBlock(block, context) { directory in
      try checkBlock(directory)
      do {
        return try salvage.run(id, in: directory)
      } catch let error as BlockError {
        throw ToolError("\(error); block \(id) was left alone")
      }
    }
    try tell(outcome.report, outcome.id.description, context)
    if !outcome.isMarked {
      context.remark(
        "blocktool: block \(id) has no meta.json and cannot be marked; bucket cleanup removes it")
    }
    return outcome.report.isComplete ? .clean : .damaged
  }

  private func carryOut(_ context: ToolContext) throws -> ToolStatus {
    try checkBlock(block)
    var salvage = BlockSalvage(directory: block)
    salvage.keepsOutsideSamples = keepOutside
    context.progress?.begin("salvage")
    defer { context.progress?.clear() }
    let show = { (done: BlockSalvage.Progress) in
      context.progress?.update(done.readSeries, of: done.totalSeries, "series")
      return true
    }
    let report: SalvageReport
    var target: String?
    do {
      if let directory {
        try FileSystem.makeDirectories(directory)
        let id = BlockID.make(now: WallClock.milliseconds())
        let path = "\(directory)/\(id)"
        let leftover = Leftover("\(path).tmp-for-creation", path)
        guard let written = try salvage.write(to: path, id: id, report: show) else {
          return .failed
        }
        report = written
        context.progress?.clear()
        if report.meta != nil {
          target = path
          try readBack(path, report)
        }
        leftover.keep()
      } else {
        guard let examined = try salvage.examine(report: show) else { return .failed }
        report = examined
        context.progress?.clear()
      }
    } catch let error as BlockError {
      throw ToolError("\(error)")
    }
    try tell(report, target, context)
    return report.isComplete ? .clean : .damaged
  }

  private func tell(
    _ report: SalvageReport, _ target: String?, _ context: ToolContext
  ) throws {
    switch output {
    case .text:
      try context.output.write(SalvageText(report, target, context.terminal).text)
    case .json:
      try context.output.write(SalvageJSON(report, target).bytes + [UInt8(ascii: "\n")])
    }
  }

  private func checkBlock(_ block: String) throws {
    guard isDirectory(block) else {
      throw ToolError("\(block) is not a directory; name the directory of a block")
    }
    guard isBlock(block) else {
      throw ToolError("\(block) is not a block: it has neither meta.json nor index nor chunks")
    }
    guard let directory else { return }
    let source = FileSystem.resolved(block)
    let target = FileSystem.resolved(directory)
    guard target != source, !target.hasPrefix(source + "/") else {
      throw ToolError("\(directory) lies in the damaged block, which must not be changed")
    }
  }

  /// Reads the new block from beginning to end; one that is not what was written goes away again.
  private func readBack(_ path: String, _ report: SalvageReport) throws {
    let read = try BlockVerification.read(directory: path, threads: processorCount())
    guard let read, read.fingerprint == report.fingerprint, report.isBalanced else {
      throw ToolError("\(path) does not hold what was written to it; it was removed again")
    }
  }
}

/// Whether a directory has one of the files of a block.
func isBlock(_ path: String) -> Bool {
  ["meta.json", "index", "chunks"].contains { FileSystem.exists("\(path)/\($0)") }
}
