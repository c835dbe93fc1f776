internal import Console
internal import TSDBBlock

/// The answer of `verify` for people, block by block.
struct VerifyText {
  private let terminal: Terminal
  private let isQuiet: Bool
  private var blocks = 0
  private var damaged = 0
  private var series = 0
  private var samples = 0
  private static let findingLimit = 20

  init(_ terminal: Terminal, isQuiet: Bool) {
    self.terminal = terminal
    self.isQuiet = isQuiet
  }

  /// What is to be said of a block.
  mutating func block(_ block: VerifiedBlock) -> String {
    blocks += 1
    series += block.contents.series
    samples += block.contents.samples
    if block.isDamaged { damaged += 1 }
    guard !block.findings.isEmpty else {
      if isQuiet { return "" }
      return "\(terminal.styled("ok", .green))       \(block.directory)  "
        + "\(HumanText.count(block.contents.series)) series, "
        + "\(HumanText.plural(block.contents.samples, "sample"))\n"
    }
    var text =
      block.isDamaged ? terminal.styled("damaged", .red) : terminal.styled("warning", .yellow)
    text += "  \(block.directory)\n"
    if let consequence = block.consequence { text += "  \(terminal.styled(consequence, .bold))\n" }
    var told: Set<String> = []
    for finding in block.findings.prefix(Self.findingLimit) {
      let isError = finding.severity == .error
      let severity = terminal.styled(finding.severity.rawValue, isError ? .red : .yellow)
      text += "  \(severity) \(finding.code) \(finding.place): \(finding.message)\n"
      if let loss = block.loss(of: finding), told.insert(loss).inserted {
        text += "    → \(loss)\n"
      }
      if let means = Consequence.text(finding), told.insert(means).inserted {
        text += "    \(terminal.styled("→ " + means, .faint))\n"
      }
    }
    let all = block.findingCounts.values.reduce(0, +)
    let shown = min(block.findings.count, Self.findingLimit)
    if all > shown { text += "  and \(HumanText.count(all - shown)) more; see blocktool inspect\n" }
    return text
  }

  /// What is to be said when all blocks are done.
  func end(_ relations: [BlockRelation]) -> String {
    var text = ""
    for relation in relations {
      let severity = terminal.styled("warning", .yellow)
      text += "\(severity)  \(relation.kind.rawValue): \(relation.message)\n"
    }
    let verdict =
      damaged == 0
      ? terminal.styled("none damaged", .green)
      : terminal.styled("\(HumanText.count(damaged)) damaged", .red)
    return text + "\(HumanText.plural(blocks, "block")), \(verdict); "
      + "\(HumanText.count(series)) series and \(HumanText.plural(samples, "sample")) read\n"
  }
}
