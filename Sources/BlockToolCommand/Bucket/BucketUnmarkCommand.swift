internal import ArgumentParser
internal import TSDBBlock

/// `blocktool bucket unmark`
struct BucketUnmarkCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "unmark",
    abstract: "Remove marks from blocks.",
    discussion: """
      blocktool bucket unmark --objstore.config-file=bucket.yml --id 01HRHZ2KZ8H174NHP7YJ73AGKH \\
        --marker no-compact

      The same as bucket mark --remove. Exit codes: 0 clean, 1 usage or I/O error or no such block.
      """)

  @OptionGroup var bucket: BucketOptions

  @OptionGroup var mark: MarkOptions

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func run(_ context: ToolContext) throws -> ToolStatus {
    try MarkEditor(bucket: bucket.open(context), format: output, context: context)
      .remove(mark.marker, mark.id)
  }
}
