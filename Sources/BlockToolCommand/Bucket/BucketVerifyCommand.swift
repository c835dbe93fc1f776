internal import ArgumentParser
internal import BlockCatalog
internal import CommandSupport
internal import Console
internal import ObjectStore
internal import TSDBBlock

/// `blocktool bucket verify`
struct BucketVerifyCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Look for known problems of the blocks of a bucket, and repair them.",
    discussion: """
      blocktool bucket verify --objstore.config-file=bucket.yml
      blocktool bucket verify --objstore.config-file=bucket.yml -i index_known_issues --id 01HR…
      blocktool bucket verify --objstore.config-file=bucket.yml --repair \\
        --objstore-backup.config-file=backup.yml

      index_known_issues     everything that 'blocktool verify' finds in a block. The repair is that of
                             'blocktool salvage': a new block of what is proven
      overlapped_blocks      blocks of one group that cover the same time; cannot be repaired here
      duplicated_compaction  blocks made of the same sources for the same time. The repair keeps the
                             first

      --repair needs a backup bucket: a block is copied there before it is deleted, or with
      --delete-delay marked for deletion. No compactor may work on the bucket meanwhile. Blocks that
      are marked for deletion are left out.
      Exit codes: 0 nothing found or all of it repaired, 1 usage or I/O error, 2 something was found.
      """)

  @OptionGroup var bucket: BucketOptions
  @OptionGroup var backup: BackupBucketOptions

  @Flag(name: .shortAndLong, help: "Repair what can be repaired.")
  var repair = false

  @Option(
    name: [.customShort("i"), .customLong("issues")],
    help: ArgumentHelp(
      "What to look for; may be given again. If not given, index_known_issues and "
        + "overlapped_blocks.", valueName: "issue"))
  var issues: [VerifyIssue] = []

  @Option(
    name: .customLong("id"), help: ArgumentHelp("Only this block; may be given again."))
  var id: [BlockID] = []

  @Option(
    name: .customLong("delete-delay"),
    help: ArgumentHelp(
      "Mark blocks for deletion instead of deleting them; only 0s deletes them.",
      valueName: "duration"))
  var deleteDelay = PrometheusDuration(milliseconds: 0)

  @Option(
    name: .customLong("tmp.dir"),
    help: ArgumentHelp("Where copies and new blocks lie meanwhile.", valueName: "path"))
  var scratch: String?

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func validate() throws {
    guard !repair || backup.isGiven else {
      throw ValidationError(
        "--repair needs a backup bucket: give --objstore-backup.config-file=PATH.")
    }
  }

  func run(_ context: ToolContext) throws -> ToolStatus {
    let bucket = try bucket.open(context)
    let snapshot = try BucketLook.snapshot(of: bucket)
    let blocks = snapshot.entries.filter { $0.deletionMark == nil }.map(\.meta)
    for id in id where !blocks.contains(where: { $0.id == id }) {
      throw ToolError("block \(id) is not in the bucket, or is marked for deletion")
    }
    let scratch = try ScratchDirectory(in: scratch)
    var run = BucketVerification(
      bucket: bucket, blocks: blocks, only: Set(id), scratch: scratch, format: output,
      context: context)
    if repair {
      run.removal = SafeRemoval(
        transfer: BlockTransfer(
          source: bucket, target: try context.openBucket(backup.source), scratch: scratch,
          context: context), delay: deleteDelay.milliseconds)
    }
    let wanted = issues.isEmpty ? [VerifyIssue.index, .overlap] : issues
    for issue in wanted { try run.look(for: issue) }
    try run.end()
    return run.open == 0 ? .clean : .damaged
  }
}

/// As Thanos names them. Never rename.
enum VerifyIssue: String, ExpressibleByArgument, CaseIterable {
  case index = "index_known_issues"
  case overlap = "overlapped_blocks"
  case duplicate = "duplicated_compaction"
}
