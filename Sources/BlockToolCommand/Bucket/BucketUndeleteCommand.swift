internal import ArgumentParser
internal import BlockCatalog
internal import ObjectStore
internal import TSDBBlock

/// `blocktool bucket undelete`
struct BucketUndeleteCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "undelete",
    abstract: "Take back deletions that have not been carried out.",
    discussion: """
      blocktool bucket undelete --objstore.config-file=bucket.yml --id 01HRHZ2KZ8H174NHP7YJ73AGKH
      blocktool bucket undelete --objstore.config-file=bucket.yml --all

      Removes deletion marks. A block whose files are gone, or gone in part, cannot be brought back
      from here: where the store keeps versions, its own tools can.

      A compactor marks blocks that went into larger ones; it marks those again.
      Exit codes: 0 clean, 1 usage or I/O error or a block that cannot be brought back.
      """)

  @OptionGroup var bucket: BucketOptions

  @Option(help: ArgumentHelp("The block; may be given again.", valueName: "ulid"))
  var id: [BlockID] = []

  @Flag(help: "All blocks that are marked for deletion.")
  var all = false

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func validate() throws {
    guard all == id.isEmpty else { throw ValidationError("Give either --id or --all.") }
  }

  func run(_ context: ToolContext) throws -> ToolStatus {
    let bucket = try bucket.open(context)
    var status = ToolStatus.clean
    var ids = id
    if all {
      let snapshot = try BucketLook.snapshot(of: bucket)
      ids = snapshot.entries.filter { $0.deletionMark != nil }.map(\.id)
      for partial in snapshot.partials where partial.deletionMark != nil {
        tellOfLoss(partial.id, context)
        status = .failed
      }
    }
    var whole: [BlockID] = []
    for id in ids {
      if try waitFor({ try await BlockMarking.isMarkable(id, in: bucket) }) {
        whole.append(id)
      } else {
        tellOfLoss(id, context)
        status = .failed
      }
    }
    let editor = MarkEditor(bucket: bucket, format: output, context: context)
    let removed = try editor.remove(.deletion, whole)
    return status == .clean ? removed : status
  }

  private func tellOfLoss(_ id: BlockID, _ context: ToolContext) {
    context.remark(
      "blocktool: block \(id) has no meta.json any more: it is deleted, in part at least. This tool "
        + "sees no older versions of objects; if the store keeps them, restore those below \(id)/ "
        + "with its own tools")
  }
}
