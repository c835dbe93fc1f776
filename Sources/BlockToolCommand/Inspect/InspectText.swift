internal import Console
internal import TSDBBlock

/// The answer of `inspect` for people.
struct InspectText {
  private let scan: BlockScan
  private let top: Int
  private let terminal: Terminal
  private(set) var text = ""

  init(_ scan: BlockScan, _ top: Int, _ terminal: Terminal) {
    self.scan = scan
    self.top = top
    self.terminal = terminal
    writeIdentity()
    writeThanos()
    writeFiles()
    writeIndex()
    writeEncodings()
    if top > 0 { writeLabels() }
    writeProblems()
  }

  private mutating func heading(_ title: String) {
    text += "\n" + terminal.styled(title, .bold) + "\n"
  }

  private mutating func field(_ name: String, _ value: String) {
    text += "  " + name + String(repeating: " ", count: max(1, 13 - name.count)) + value + "\n"
  }

  // MARK: Sections

  private mutating func writeIdentity() {
    let name = scan.meta.map { "\($0.id)" } ?? scan.directory
    text += terminal.styled("Block \(name)", .bold) + "\n"
    field("directory", scan.directory)
    if let meta = scan.meta {
      let duration = HumanText.duration(from: meta.minTime, to: meta.maxTime)
      field(
        "time range",
        "\(HumanText.time(meta.minTime)) to \(HumanText.time(meta.maxTime)) (\(duration))")
      field("", "\(meta.minTime) to \(meta.maxTime), the end exclusive")
      field("created", HumanText.time(meta.id.timeMilliseconds))
      field("compaction", compaction(meta.compaction))
    } else {
      field("meta.json", terminal.styled("unreadable", .red))
    }
    if let first = scan.contents.minTime, let last = scan.contents.maxTime {
      field("samples from", "\(HumanText.time(first)) to \(HumanText.time(last))")
    }
    field("series", HumanText.count(scan.contents.series))
    field("chunks", HumanText.count(scan.contents.chunks))
    field("samples", HumanText.count(scan.contents.samples))
    field("tombstones", HumanText.count(scan.contents.tombstones))
    let bytes = scan.files.reduce(0) { $0 + $1.size }
    field("size", "\(HumanText.bytes(bytes)) in \(HumanText.plural(scan.files.count, "file"))")
  }

  private func compaction(_ compaction: BlockMeta.Compaction) -> String {
    var parts = [
      "level \(compaction.level)", HumanText.plural(compaction.sources.count, "source"),
    ]
    if !compaction.parents.isEmpty {
      parts.append(HumanText.plural(compaction.parents.count, "parent"))
    }
    parts += compaction.hints
    if compaction.deletable { parts.append("deletable") }
    if compaction.failed { parts.append("failed before") }
    return parts.joined(separator: ", ")
  }

  private mutating func writeThanos() {
    guard let thanos = scan.meta?.thanos else { return }
    heading("Thanos")
    let labels = LabelSet(thanos.labels.map { ($0.name, $0.value) })
    field("labels", labels.description)
    field("resolution", HumanText.resolution(thanos.resolution))
    field("source", thanos.source.isEmpty ? "-" : thanos.source)
    if thanos.uploadTime != .zero { field("uploaded", thanos.uploadTime.description) }
    if !thanos.files.isEmpty { field("files", HumanText.plural(thanos.files.count, "file")) }
  }

  private mutating func writeFiles() {
    heading("Files")
    var table = Table("path", ">bytes")
    for file in scan.files { table.add(file.path, HumanText.count(file.size)) }
    text += table.render(indent: 2, terminal)
  }

  private mutating func writeIndex() {
    guard !scan.sections.isEmpty else { return }
    heading("Index" + (scan.indexVersion.map { ", version \($0)" } ?? ""))
    var table = Table("section", ">offset", ">length", ">entries", "checksum")
    for section in scan.sections {
      table.add(
        section.name, HumanText.count(section.offset), HumanText.count(section.length),
        section.entries.map { HumanText.count($0) } ?? "-", section.state.rawValue)
    }
    text += table.render(indent: 2, terminal)
  }

  private mutating func writeEncodings() {
    guard !scan.contents.encodings.isEmpty else { return }
    heading("Chunks")
    var table = Table("encoding", ">chunks", ">samples", ">bytes", ">bytes/sample")
    for encoding in scan.contents.encodings {
      let ratio = Double(encoding.bytes) / Double(max(encoding.samples, 1))
      table.add(
        encoding.encoding.name, HumanText.count(encoding.chunks),
        HumanText.count(encoding.samples), HumanText.count(encoding.bytes),
        HumanText.decimal(ratio, 2))
    }
    text += table.render(indent: 2, terminal)
  }

  private mutating func writeLabels() {
    let labels = scan.cardinality
    heading("Labels")
    field("names", HumanText.count(labels.labelNames))
    field("pairs", "\(HumanText.count(labels.labelPairs)) unique")
    field("postings", "\(HumanText.count(scan.contents.labelPairs)) entries")
    let lists: [(String, [BlockScan.Cardinality.Entry])] = [
      ("Label pairs most involved in churning", labels.churningPairs),
      ("Label names most involved in churning", labels.churningNames),
      ("Most common label pairs", labels.commonPairs),
      ("Label names with highest cumulative label value length", labels.longestValues),
      ("Highest cardinality labels", labels.highestLabels),
      ("Highest cardinality metric names", labels.highestMetrics),
    ]
    for (title, entries) in lists where !entries.isEmpty {
      heading(title)
      var table = Table(">count", "label")
      for entry in entries.prefix(top) { table.add(HumanText.count(entry.count), entry.label) }
      text += table.render(indent: 2, terminal)
    }
  }

  private mutating func writeProblems() {
    heading("Problems")
    guard !scan.findings.isEmpty else {
      let hint = scan.depth == .samples ? "" : "; samples were not decoded, --deep does that"
      text += "  " + terminal.styled("none found", .green) + hint + "\n"
      return
    }
    for finding in scan.findings {
      let isError = finding.severity == .error
      let severity = terminal.styled(finding.severity.rawValue, isError ? .red : .yellow)
      text += "  \(severity) \(finding.code) \(finding.place): \(finding.message)\n"
    }
    for (code, count) in scan.findingCounts.sorted(by: { $0.key.rawValue < $1.key.rawValue })
    where count > BlockScan.findingsPerCode {
      text += "  and \(HumanText.count(count - BlockScan.findingsPerCode)) more \(code)\n"
    }
  }
}
