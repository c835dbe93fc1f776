internal import ArgumentParser
internal import TSDBBlock

/// `blocktool bucket mark`
struct BucketMarkCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "mark",
    abstract: "Mark blocks for deletion, or as not to be compacted or downsampled.",
    discussion: """
      blocktool bucket mark --objstore.config-file=bucket.yml --id 01HRHZ2KZ8H174NHP7YJ73AGKH \\
        --marker deletion --details 'sent twice'
      blocktool bucket mark --objstore.config-file=bucket.yml --id 01HR… --marker no-compact-mark.json \\
        --remove

      A block marked for deletion goes away when a compactor, or bucket cleanup, finds the mark older
      than its --delete-delay; until then bucket undelete takes it back.
      Exit codes: 0 clean, 1 usage or I/O error or no such block.
      """)

  @OptionGroup var bucket: BucketOptions

  @OptionGroup var mark: MarkOptions

  @Option(help: "Why; needed unless --remove is given.")
  var details: String?

  @Flag(help: "Remove the mark.")
  var remove = false

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func validate() throws {
    guard remove || !(details ?? "").isEmpty else {
      throw ValidationError("Give --details, which says why the blocks are marked.")
    }
  }

  func run(_ context: ToolContext) throws -> ToolStatus {
    let editor = MarkEditor(bucket: try bucket.open(context), format: output, context: context)
    return remove
      ? try editor.remove(mark.marker, mark.id)
      : try editor.write(mark.marker, mark.id, details: details ?? "")
  }
}
