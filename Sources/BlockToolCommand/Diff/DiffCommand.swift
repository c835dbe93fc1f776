internal import ArgumentParser
internal import Console
internal import TSDBBlock

/// `blocktool diff A B`
struct DiffCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare what two blocks hold.",
    discussion: """
      blocktool diff BEFORE AFTER
      blocktool diff BEFORE AFTER --match 'up{job="api"}' --limit 0
      blocktool diff BEFORE AFTER --chunks
      blocktool diff BEFORE AFTER --output json | jq 'select(.kind == "sample")'

      Series by series and sample by sample, bit by bit: - stands only in the first block, + only
      in the second. Samples that are deleted or cannot be read count as absent. How samples are cut into chunks and encoded
      does not matter, unless --chunks asks for it. Both blocks are read once, side by side, with
      one series of each in memory.
      Exit codes: 0 equal, 1 usage or I/O error, 2 damage found, 3 different.
      """)

  @Argument(help: "The directory of the first block; both are ULIDs where a bucket is given.")
  var first: String

  @Argument(help: "The directory of the second block.")
  var second: String

  @OptionGroup var input: BlockInput

  @OptionGroup var selection: SelectionOptions

  @Flag(help: "Compare also how samples are cut into chunks and encoded.")
  var chunks = false

  @Option(help: "Differing samples shown of each series; all are counted.")
  var limit = 10

  @Option(help: "text or json: one object a difference, the summary last.")
  var output = OutputFormat.text

  func validate() throws {
    guard limit >= 0 else { throw ValidationError("--limit must not be negative.") }
  }

  func run(_ context: ToolContext) throws -> ToolStatus {
    try input.withBlocks([first, second], context) {
      var command = self
      (command.first, command.second) = ($0[0], $0[1])
      return try command.carryOut(context)
    }
  }

  private func carryOut(_ context: ToolContext) throws -> ToolStatus {
    guard let left = try open(first, context), let right = try open(second, context) else {
      return .damaged
    }
    let report = DiffReport(output, limit: limit, context)
    var diff = BlockDiff(left, right, comparesChunks: chunks, report, context)
    return try diff.run()
  }

  private func open(_ path: String, _ context: ToolContext) throws -> DiffSide? {
    do {
      let block = try openBlock(path)
      let series = try block.series(
        ids: try selection.select(block.index), in: .min ... .max, includesDeleted: false)
      return DiffSide(path, series)
    } catch let error as BlockError {
      _ = context.damaged(error, in: path)
      return nil
    }
  }
}
