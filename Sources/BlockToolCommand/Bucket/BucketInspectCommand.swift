internal import ArgumentParser
internal import BlockCatalog
internal import Console
internal import ObjectStore
internal import TSDBBlock

/// `blocktool bucket inspect`
struct BucketInspectCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Print what meta.json says of each block of a bucket.",
    discussion: """
      blocktool bucket inspect --objstore.config-file=bucket.yml
      blocktool bucket inspect --objstore.config-file=bucket.yml -l 'tenant="a"' --sort-by '#SERIES'
      blocktool bucket inspect --objstore.config-file=bucket.yml --output csv > blocks.csv

      The columns of thanos tools bucket inspect; times in UTC. UNTIL-DOWN is how much longer a block
      must get until it is downsampled.
      Exit codes: 0 clean, 1 usage or I/O error.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case table, csv, tsv, json }

  @OptionGroup var bucket: BucketOptions
  @OptionGroup var filter: BlockFilterOptions

  @Option(
    name: .customLong("sort-by"),
    help: ArgumentHelp("A column, the most important first.", valueName: "column"))
  var order: [InspectColumn] = [.from, .until]

  @Option(help: "table, csv, tsv or json.")
  var output = Format.table

  func run(_ context: ToolContext) throws -> ToolStatus {
    let snapshot = try BucketLook.snapshot(of: bucket.open(context), try filter.rules())
    let metas = snapshot.entries.map(\.meta).filter(filter.keeps)
      .sorted { InspectColumn.precedes($0, $1, by: order) }
    let rows = metas.map { meta in InspectColumn.allCases.map { $0.cell(meta) } }
    let header = InspectColumn.allCases.map(\.rawValue)
    switch output {
    case .table: try context.output.write(Self.table([header] + rows))
    case .csv:
      for row in [header] + rows {
        try context.output.write(row.map(Self.quoted).joined(separator: ","), "\n")
      }
    case .tsv:
      for row in [header] + rows {
        try context.output.write(row.map(BlockTable.cell).joined(separator: "\t"), "\n")
      }
    case .json:
      for row in rows {
        let members = zip(header, row).map {
          RawJSON.Member(key: Array($0.utf8), value: .string($1))
        }
        try context.output.write(RawJSON.object(members).compactBytes + [0x0A])
      }
    }
    return .clean
  }

  /// `| a | b |`, with a line below the first row.
  private static func table(_ rows: [[String]]) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      let padded = zip(cells, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      return "| " + padded.joined(separator: " | ") + " |\n"
    }
    let rule = "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|")
    return line(rows[0]) + rule + "|\n" + rows.dropFirst().map(line).joined()
  }

  private static func quoted(_ cell: String) -> String {
    guard cell.contains(where: { ",\"\r\n".contains($0) }) else { return cell }
    return "\"" + cell.replacing("\"", with: "\"\"") + "\""
  }
}
