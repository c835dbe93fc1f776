internal import ArgumentParser
internal import Console
internal import TSDBBlock

/// `blocktool series BLOCK`
struct SeriesCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "series",
    abstract: "Print the labels of the series in a block.",
    discussion: """
      blocktool series BLOCK
      blocktool series BLOCK --match 'up{job=~"api|db"}' --match '{"my.metric"}'
      blocktool series BLOCK --output json

      Exit codes: 0 clean, 1 usage or I/O error, 2 a series could not be read.
      """)

  @Argument(help: "The directory of the block, or its ULID in a bucket.")
  var block: String

  @OptionGroup var input: BlockInput

  @OptionGroup var selection: SelectionOptions

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func run(_ context: ToolContext) throws -> ToolStatus {
    try input.withBlock(block, context, parts: .index) {
      var command = self
      command.block = $0
      return try command.carryOut(context)
    }
  }

  private func carryOut(_ context: ToolContext) throws -> ToolStatus {
    var walk = BlockWalk(block, selection, context)
    return try walk.run { series, _ in
      switch output {
      case .text: try context.output.write(series.labels.description + "\n")
      case .json:
        let line = RawJSON.object([
          "labels": .labels(series.labels.pairs),
          "minTime": series.chunks.first.map { .count($0.minTime) },
          "maxTime": series.chunks.last.map { .count($0.maxTime) },
          "chunks": .count(series.chunks.count),
        ])
        try context.output.write(line.compactBytes + [UInt8(ascii: "\n")])
      }
    }
  }
}
