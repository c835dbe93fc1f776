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
      blocktool dump BLOCK --format json --include-deleted | jq .histograms
      blocktool dump DOWNSAMPLED-BLOCK --aggregate max --format csv

      prom         the lines of promtool tsdb dump, native histograms too
      csv          series, aggregate, timestamp, value; the first line names the columns
      json         one object a series, with every field of histograms
      openmetrics  what blocktool create reads. It has no form for native histograms, nor for
                   aggregates unless --aggregate picks one: their series are left out and counted
                   on standard error, and the exit code is 1.

      Downsampled blocks have up to five aggregates. Each is printed with its name, or one alone,
      without its name, with --aggregate. Samples deleted by tombstones are left out unless
      --include-deleted is given.
      Exit codes: 0 clean, 1 usage or I/O error or series left out, 2 damage found.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case prom, csv, json, openmetrics
  }

  enum Aggregate: String, ExpressibleByArgument, CaseIterable {
    case count, sum, min, max, counter

    var kind: AggregateChunk.Kind {
      switch self {
      case .count: .count
      case .sum: .sum
      case .min: .min
      case .max: .max
      case .counter: .counter
      }
    }
  }

  @Argument(help: "The directory of the block, or its ULID in a bucket.")
  var block: String

  @OptionGroup var input: BlockInput

  @OptionGroup var selection: SelectionOptions

  @Option(help: "First time, inclusive: Unix milliseconds or RFC 3339.")
  var minTime: TimeArgument?

  @Option(help: "Last time, inclusive: Unix milliseconds or RFC 3339.")
  var maxTime: TimeArgument?

  @Option(help: "prom, csv, json or openmetrics.")
  var format = Format.prom

  @Option(help: "The only aggregate of downsampled series: count, sum, min, max or counter.")
  var aggregate: Aggregate?

  @Flag(help: "Print also the samples that tombstones delete.")
  var includeDeleted = false

  func validate() throws {
    guard first <= last else {
      throw ValidationError("--min-time is after --max-time.")
    }
  }

  private var first: Int64 { minTime?.milliseconds ?? .min }
  private var last: Int64 { maxTime?.milliseconds ?? .max }

  func run(_ context: ToolContext) throws -> ToolStatus {
    try input.withBlock(block, context) {
      var command = self
      command.block = $0
      return try command.carryOut(context)
    }
  }

  private func carryOut(_ context: ToolContext) throws -> ToolStatus {
    let writer: any DumpWriter =
      switch format {
      case .prom: PromDump(context.output)
      case .csv: CSVDump(context.output)
      case .json: JSONDump(context.output)
      case .openmetrics: OpenMetricsDump(context.output)
      }
    do {
      let reader = try openBlock(block)
      let series = try reader.series(
        ids: try selection.select(reader.index), in: first...last, includesDeleted: includeDeleted)
      var dump = BlockDump(writer, only: aggregate?.kind, context)
      return try dump.run(series)
    } catch let error as BlockError {
      if format == .openmetrics { try context.output.write("# EOF\n") }
      return context.damaged(error, in: block)
    }
  }
}
