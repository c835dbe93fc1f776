internal import Console
internal import TSDBBlock

/// The answer of `salvage` for people: what came out, the proof, and what is lost.
struct SalvageText {
  private let report: SalvageReport
  private let target: String?
  private let terminal: Terminal
  private(set) var text = ""
  private static let lossLimit = 50

  /// - Parameter target: the directory of the new block, if there is one.
  init(_ report: SalvageReport, _ target: String?, _ terminal: Terminal) {
    self.report = report
    self.target = target
    self.terminal = terminal
    writeOutcome()
    writeProof()
    writeRepairs()
    writeLosses()
  }

  private mutating func heading(_ title: String) {
    text += "\n" + terminal.styled(title, .bold) + "\n"
  }

  private mutating func writeOutcome() {
    text += terminal.styled("Block \(report.source.map { "\($0)" } ?? report.directory)", .bold)
    text += "\n"
    if let target, let meta = report.meta {
      text += "  new block    \(target)\n"
      text +=
        "  time range   \(HumanText.time(meta.minTime)) to \(HumanText.time(meta.maxTime))\n"
    } else if report.written.samples > 0 {
      text += "  nothing was written; this is what a salvage would write\n"
    } else {
      text += "  " + terminal.styled("nothing can be saved, nothing was written", .red) + "\n"
    }
    let outcome = LossSentence(report).text
    text += "  outcome      \(terminal.styled(outcome, report.isComplete ? .green : .red))\n"
  }

  private mutating func writeProof() {
    heading("Proof")
    var table = Table("", ">series", ">chunks", ">samples", "")
    if let stated = report.stated { add(stated, "stated", "by meta.json", &table) }
    add(report.found, "found", "with right checksums, where the index says", &table)
    add(report.written, "written", target == nil ? "" : "read back and compared", &table)
    let lost = report.lost
    let isMore = lost.chunksOfUnknownCount > 0
    table.add(
      "lost", HumanText.count(lost.series), HumanText.count(lost.chunks),
      (isMore ? "≥ " : "") + HumanText.count(lost.samples), "of series that are known")
    if let missing = report.unaccounted {
      table.add(
        "", "", HumanText.count(missing.chunks), HumanText.count(missing.samples),
        "of lost series, by the difference to meta.json")
    }
    text += table.render(indent: 2, terminal)
    var left: [String] = []
    if report.duplicateSamples > 0 {
      left.append("\(HumanText.count(report.duplicateSamples)) stored twice")
    }
    if report.conflictingSamples > 0 {
      left.append(
        "\(HumanText.count(report.conflictingSamples)) with another value for a time, the first stays"
      )
    }
    if report.outsideSamples > 0 {
      left.append("\(HumanText.count(report.outsideSamples)) outside the block's range")
    }
    if !left.isEmpty { text += "  found and left out: \(left.joined(separator: "; "))\n" }
    if !report.isBalanced { text += terminal.styled("  the numbers do not add up\n", .red) }
  }

  private func add(
    _ totals: SalvageReport.Totals, _ name: String, _ remark: String, _ table: inout Table
  ) {
    table.add(
      name, HumanText.count(totals.series), HumanText.count(totals.chunks),
      HumanText.count(totals.samples), remark)
  }

  private mutating func writeRepairs() {
    var lines = report.repairs
    if report.mergedSeries > 0 {
      lines.append("\(HumanText.count(report.mergedSeries)) duplicate series merged")
    }
    switch report.deletions {
    case .none: break
    case .kept(let count): lines.append("\(HumanText.plural(count, "deletion")) taken over")
    case .lost(let reason):
      lines.append("the deletions are lost (\(reason)): deleted samples come back")
    }
    guard !lines.isEmpty else { return }
    heading("Repaired")
    for line in lines { text += "  \(line)\n" }
  }

  private mutating func writeLosses() {
    guard !report.losses.isEmpty else { return }
    heading("Lost")
    var table = Table("reason", "from", "to", ">samples", "place", "series")
    for loss in report.losses.prefix(Self.lossLimit) {
      table.add(
        loss.reason.rawValue, loss.times.map { HumanText.time($0.lowerBound) } ?? "?",
        loss.times.map { HumanText.time($0.upperBound) } ?? "?",
        loss.samples.map { HumanText.count($0) } ?? "?",
        loss.path + (loss.offset.map { " at \($0)" } ?? ""), loss.labels?.description ?? "?")
    }
    text += table.render(indent: 2, terminal)
    let all = report.lossCounts.values.reduce(0, +)
    let shown = min(report.losses.count, Self.lossLimit)
    if all > shown {
      text += "  and \(HumanText.count(all - shown)) more; see --output json\n"
    }
  }
}
