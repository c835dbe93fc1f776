internal import ArgumentParser
internal import TSDBBlock

/// `blocktool dump BLOCK`
struct DumpCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Print the samples of a block.",
    discussion: """
      blocktool dump BLOCK
      blocktool dump BLOCK --format openmetrics > data.om
      blocktool dump BLOCK --match up --min-time 2024-03-01T00:00:00Z

      The default format has the lines of promtool tsdb dump; blocktool create reads
      openmetrics; json writes one object a series.

      Samples deleted by tombstones are left out. Histograms cannot be printed yet: their series
      are named on standard error and the exit code is 1.
      Exit codes: 0 clean, 1 usage or I/O error or histograms left out, 2 damage found.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case prom, openmetrics, json
  }

  @Argument(help: "The directory of the block.")
  var block: String

  @OptionGroup var selection: SelectionOptions

  @Option(help: "First time, inclusive: Unix milliseconds or RFC 3339.")
  var minTime: TimeArgument?

  @Option(help: "Last time, inclusive: Unix milliseconds or RFC 3339.")
  var maxTime: TimeArgument?

  @Option(help: "prom, openmetrics or json.")
  var format = Format.prom

  private var first: Int64 { minTime?.milliseconds ?? .min }
  private var last: Int64 { maxTime?.milliseconds ?? .max }

  func validate() throws {
    guard first <= last else {
      throw ValidationError("--min-time is after --max-time.")
    }
  }

  func run(_ context: ToolContext) throws -> ToolStatus {
    var dump = BlockDump(block, first...last, format, context)
    return try dump.run(selection)
  }
}
