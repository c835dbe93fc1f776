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

/// What a damage means for the data, in one sentence.
struct LossSentence {
  private let report: SalvageReport

  init(_ report: SalvageReport) { self.report = report }

  /// `3 series lose 41 samples between … and …; 1 series is lost`
  var text: String {
    var parts: [String] = []
    let chunks = report.losses.filter { !$0.isSeries }
    if report.lost.chunks > 0 {
      let series = Set(chunks.compactMap(\.labels)).count
      let isCut = report.lossCounts.values.reduce(0, +) > report.losses.count
      parts.append(
        (isCut ? "more than " : "")
          + "\(HumanText.count(series)) series \(series == 1 ? "loses" : "lose") \(samples)"
          + between(chunks))
    }
    if report.lost.series > 0 {
      let count = report.lost.series
      let held = report.unaccounted.map {
        " with \(HumanText.plural($0.samples, "sample")) by meta.json"
      }
      parts.append(
        "\(HumanText.count(count)) series \(count == 1 ? "is" : "are") lost" + (held ?? ""))
    }
    if report.lost.seriesBytes > 0 {
      parts.append("what series stood in \(HumanText.bytes(report.lost.seriesBytes)) is unknown")
    }
    if report.conflictingSamples > 0 {
      let count = report.conflictingSamples
      parts.append("\(HumanText.plural(count, "time")) had several values, the first stays")
    }
    if case .lost = report.deletions { parts.append("the deletions are lost") }
    return parts.isEmpty ? "nothing is lost" : parts.joined(separator: "; ")
  }

  private var samples: String {
    let known = HumanText.plural(report.lost.samples, "sample")
    guard report.lost.chunksOfUnknownCount > 0 else { return known }
    let chunks = HumanText.plural(report.lost.chunksOfUnknownCount, "chunk")
    return report.lost.samples > 0 ? "\(known) and those of \(chunks)" : "the samples of \(chunks)"
  }

  private func between(_ losses: [SalvageReport.Loss]) -> String {
    guard let first = losses.compactMap({ $0.times?.lowerBound }).min(),
      let last = losses.compactMap({ $0.times?.upperBound }).max()
    else { return "" }
    return " between \(HumanText.time(first)) and \(HumanText.time(last))"
  }
}
