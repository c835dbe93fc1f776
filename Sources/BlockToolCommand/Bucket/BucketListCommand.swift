internal import ArgumentParser
internal import BlockCatalog
internal import Console
internal import ObjectStore
internal import TSDBBlock

/// `blocktool bucket ls`
struct BucketListCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls",
    abstract: "List the blocks of a bucket.",
    discussion: """
      blocktool bucket ls --objstore.config-file=bucket.yml
      blocktool bucket ls --objstore.config-file=bucket.yml -l 'cluster=~"eu-.*"' --resolution raw
      blocktool bucket ls --objstore.config-file=bucket.yml -o json | jq .ulid
      blocktool bucket ls --objstore.config-file=bucket.yml --min-time -2w -o tsv

      ulid   one ULID a line, as Thanos does; what is printed where the output is no terminal
      table  one line a block; what is printed on a terminal
      wide   the lines of thanos tools bucket ls -o wide
      json   the meta.json of each block, one behind the other
      tsv    the table with tabs, times in milliseconds, and a first line with names

      Reads meta.json and marks only. Blocks without a readable meta.json are told on standard error.
      Exit codes: 0 clean, 1 usage or I/O error, 2 a block has no readable meta.json.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case ulid, table, wide, json, tsv }

  @OptionGroup var bucket: BucketOptions
  @OptionGroup var filter: BlockFilterOptions

  @Option(
    name: [.customShort("o"), .customLong("output")], help: "ulid, table, wide, json or tsv.")
  var output: Format?

  @Flag(name: .customLong("exclude-delete"), help: "Leave out blocks marked for deletion.")
  var excludesMarked = false

  func run(_ context: ToolContext) throws -> ToolStatus {
    let bucket = try bucket.open(context)
    let snapshot = try BucketLook.snapshot(of: bucket, try filter.rules())
    let entries = snapshot.entries
      .filter { filter.keeps($0.meta) && !(excludesMarked && $0.deletionMark != nil) }
    switch output ?? (context.terminal.width == nil ? .ulid : .table) {
    case .ulid:
      for entry in entries { try context.output.write("\(entry.id)\n") }
    case .table: try context.output.write(BlockTable(entries).text(context.terminal))
    case .wide: for entry in entries { try context.output.write(Self.wide(entry.meta), "\n") }
    case .json:
      for entry in entries { try context.output.write(entry.meta.jsonBytes() + [0x0A]) }
    case .tsv: try context.output.write(BlockTable(entries).tabSeparated)
    }
    for partial in snapshot.partials {
      context.remark("blocktool: block \(partial.id): \(partial.reason)")
    }
    return snapshot.partials.isEmpty ? .clean : .damaged
  }

  private static func wide(_ meta: BlockMeta) -> String {
    let (from, until) = (GoTime.seconds(meta.minTime), GoTime.seconds(meta.maxTime))
    let length = GoDuration.text(milliseconds: meta.maxTime &- meta.minTime)
    return "\(meta.id) -- \(from) - \(until) Diff: \(length), "
      + "Compaction: \(meta.compaction.level), Downsample: \(meta.resolution), "
      + "Source: \(meta.thanos?.source ?? "")"
  }
}

/// Blocks of a catalog as a table.
struct BlockTable {
  private let entries: [CatalogSnapshot.Entry]

  init(_ entries: [CatalogSnapshot.Entry]) { self.entries = entries }

  func text(_ terminal: Terminal) -> String {
    guard !entries.isEmpty else { return "no blocks\n" }
    var table = Table(
      "block", "from", "to", ">range", ">level", "resolution", ">series", ">samples", ">size",
      "labels", "remarks")
    for entry in entries {
      let meta = entry.meta
      table.add(
        entry.id.description, HumanText.time(meta.minTime), HumanText.time(meta.maxTime),
        HumanText.duration(from: meta.minTime, to: meta.maxTime), "\(meta.compaction.level)",
        HumanText.resolution(meta.resolution), HumanText.count(meta.stats.series),
        HumanText.count(meta.stats.samples),
        entry.byteCount.map { HumanText.bytes(Int(clamping: $0)) } ?? "-", entry.labelText,
        (entry.marks + meta.compaction.hints).joined(separator: ", "))
    }
    return table.render(terminal)
  }

  var tabSeparated: String {
    var text =
      "ulid\tmin_time\tmax_time\tlevel\tresolution\tseries\tsamples\tchunks\tbytes\tlabels"
      + "\tsource\tmarks\n"
    for entry in entries {
      let meta = entry.meta
      let cells: [String] = [
        entry.id.description, "\(meta.minTime)", "\(meta.maxTime)", "\(meta.compaction.level)",
        "\(meta.resolution)", "\(meta.stats.series)", "\(meta.stats.samples)",
        "\(meta.stats.chunks)", entry.byteCount.map(String.init) ?? "", entry.labelText,
        meta.thanos?.source ?? "", entry.marks.joined(separator: ","),
      ]
      text += cells.map(Self.cell).joined(separator: "\t") + "\n"
    }
    return text
  }

  /// Without what would end a cell or a line.
  static func cell(_ text: String) -> String {
    text.replacing("\t", with: " ").replacing("\n", with: " ").replacing("\r", with: " ")
  }
}

extension CatalogSnapshot.Entry {
  /// All files that meta.json lists; nil when it lists none.
  var byteCount: Int64? {
    guard let files = meta.thanos?.files, !files.isEmpty else { return nil }
    return files.reduce(0) { $0 &+ $1.size }
  }

  var labelText: String {
    LabelSet((meta.thanos?.labels ?? []).map { ($0.name, $0.value) }).description
  }

  var marks: [String] {
    (deletionMark == nil ? [] : ["marked for deletion"])
      + (noCompactMark == nil ? [] : ["no compaction"])
      + (noDownsampleMark == nil ? [] : ["no downsampling"])
  }
}
