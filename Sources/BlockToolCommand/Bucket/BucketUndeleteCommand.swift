internal import ArgumentParser
internal import BlockCatalog
internal import ObjectStore
internal import TSDBBlock

/// `blocktool bucket undelete`
struct BucketUndeleteCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "undelete",
    abstract: "Take back deletions of blocks.",
    discussion: """
      blocktool bucket undelete --objstore.config-file=bucket.yml --id 01HRHZ2KZ8H174NHP7YJ73AGKH
      blocktool bucket undelete --objstore.config-file=bucket.yml --all --dry-run

      Removes deletion marks. Where the store keeps versions of objects (S3), it also brings back
      blocks that are deleted, or deleted in part: the delete markers go from everything that the
      newest version of meta.json lists, from meta.json last. That needs the permission to list, read
      and delete versions. Nothing is brought back of a block that would not be whole.

      A compactor marks blocks that went into larger ones; it marks those again.
      Exit codes: 0 clean, 1 usage or I/O error or a block that cannot be brought back.
      """)

  @OptionGroup var bucket: BucketOptions

  @Option(help: ArgumentHelp("The block; may be given again.", valueName: "ulid"))
  var id: [BlockID] = []

  @Flag(
    help: """
      All blocks that are marked for deletion, and all deleted ones of which the store keeps versions.
      """)
  var all = false

  @Flag(help: "Change nothing, only say what would be done.")
  var dryRun = false

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func validate() throws {
    guard all == id.isEmpty else { throw ValidationError("Give either --id or --all.") }
  }

  func run(_ context: ToolContext) throws -> ToolStatus {
    let bucket = try bucket.open(context)
    let blocks = BlockReturn(
      bucket: bucket, format: output, context: context, isDryRun: dryRun)
    var editor = MarkEditor(bucket: bucket, format: output, context: context)
    editor.isDryRun = dryRun
    let found = all ? try everything(in: bucket, blocks) : try named(in: bucket)
    var status = try editor.remove(.deletion, found.marked)
    if !found.isComplete { status = .failed }
    for (id, isKnown) in found.deleted {
      let one = try blocks.restore(id, isKnown: isKnown)
      if one != .clean { status = one }
    }
    return status
  }

  private struct Found {
    var marked: [BlockID] = []
    /// Blocks that lack files, and whether they are known to be deleted.
    var deleted: [(id: BlockID, isKnown: Bool)] = []
    /// Whether all of the bucket was seen.
    var isComplete = true
  }

  private func named(in bucket: any Bucket) throws -> Found {
    var found = Found()
    for id in id {
      if try waitFor({ try await BlockRestoration.isWhole(id, in: bucket) }) {
        found.marked.append(id)
      } else {
        found.deleted.append((id, true))
      }
    }
    return found
  }

  private func everything(in bucket: any Bucket, _ blocks: BlockReturn) throws -> Found {
    var found = Found()
    let snapshot = try BucketLook.snapshot(of: bucket)
    let candidates = try blocks.candidates()
    found.isComplete = candidates != nil
    found.marked = snapshot.entries.filter { $0.deletionMark != nil }.map(\.id)
    var seen = Set(snapshot.entries.map(\.id))
    for partial in snapshot.partials {
      seen.insert(partial.id)
      if partial.state == .noMeta {
        found.deleted.append((partial.id, partial.deletionMark != nil))
      } else if partial.deletionMark != nil {
        found.marked.append(partial.id)
      }
    }
    for id in candidates ?? [] where !seen.contains(id) { found.deleted.append((id, false)) }
    found.deleted.sort { $0.id < $1.id }
    return found
  }
}
