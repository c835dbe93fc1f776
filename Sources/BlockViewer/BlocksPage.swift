internal import BlockCatalog
internal import Console
internal import TSDBBlock

/// The page of the block viewer: a timeline of each group, and a table of its blocks.
///
///     cluster="a"  raw                                    color: level; hatched: marked
///     ├── 14d ───────────────────────┤├── 2d ──┤├8h┤├2h┤
///
/// Complete without JavaScript; blocks that overlap lie in lanes one below the other.
struct BlocksPage {
  private let content: BlockView.Content
  private let filter: String
  private let label: String
  private let view: View
  private let prefix: String
  private static let width = 1000.0
  private static let laneHeight = 22.0

  /// Which blocks a page shows.
  enum View: String, CaseIterable {
    case loaded
    case all = "global"

    var title: String {
      switch self {
      case .loaded: "Blocks at work"
      case .all: "All blocks of the bucket"
      }
    }
  }

  /// - Parameters:
  ///   - filter: text that external labels of a group must contain.
  ///   - prefix: what links begin with, "" or `/prefix`.
  init(
    _ content: BlockView.Content, filter: String, label: String, view: View = .loaded,
    prefix: String = ""
  ) {
    self.content = content
    self.filter = filter
    self.label = label
    self.view = view
    self.prefix = prefix
  }

  var html: String {
    var groups: [GroupKey: [BlockView.Block]] = [:]
    for block in content.blocks where filter.isEmpty || text(block.meta).contains(filter) {
      groups[GroupKey(block.meta), default: []].append(block)
    }
    let shown = groups.values.reduce(0) { $0 + $1.count }
    var body = """
      <nav>\(navigation)</nav><h1>\(view.title)</h1>
      <form><input name="filter" value="\(Self.escaped(filter))" placeholder="label=&quot;value&quot;">
      <button>Filter</button></form>
      <p>\(HumanText.plural(shown, "block")) of \(content.blocks.count) in \
      \(HumanText.plural(groups.count, "group")), looked at \(time(content.refreshed))</p>
      \(legend)
      """
    if let failure = content.failure {
      body += "<p class=\"failure\">The last look failed: \(Self.escaped(failure))</p>"
    }
    let order = groups.sorted { left, right in
      (name(left.value), left.key.resolution, left.key)
        < (name(right.value), right.key.resolution, right.key)
    }
    for (_, blocks) in order { body += section(blocks) }
    return """
      <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Blocks</title>
      <meta name="viewport" content="width=device-width"><style>\(Self.style)</style></head>
      <body>\(body)</body></html>
      """
  }

  private var navigation: String {
    let views = View.allCases.map { other in
      other == view
        ? "<b>\(other.title)</b>"
        : "<a href=\"\(Self.escaped(prefix))/\(other.rawValue)\">\(other.title)</a>"
    }
    let more = [
      ("/api/v1/blocks?view=\(view.rawValue)", "JSON"), ("/metrics", "Metrics"),
      ("/api/v1/status/flags", "Flags"),
    ].map { "<a href=\"\(Self.escaped(prefix + $0.0))\">\($0.1)</a>" }
    return (views + more).joined(separator: " ")
  }

  private func section(_ blocks: [BlockView.Block]) -> String {
    let sorted = blocks.sorted {
      ($0.meta.minTime, $0.meta.id) < ($1.meta.minTime, $1.meta.id)
    }
    return "<section><h2>\(Self.escaped(title(sorted)))</h2>\(timeline(sorted))"
      + "<details><summary>\(HumanText.plural(sorted.count, "block"))</summary>"
      + table(sorted) + "</details></section>"
  }

  // MARK: - Timeline

  private func timeline(_ blocks: [BlockView.Block]) -> String {
    let first = blocks.map(\.meta.minTime).min() ?? 0
    let last = blocks.map(\.meta.maxTime).max() ?? 0
    let start = Double(first)
    let scale = Self.width / max(Double(last) - start, 1)
    var laneEnds: [Int64] = []
    var rectangles = ""
    for block in blocks {
      let meta = block.meta
      let lane = laneEnds.firstIndex { $0 <= meta.minTime } ?? laneEnds.count
      if lane == laneEnds.count {
        laneEnds.append(meta.maxTime)
      } else {
        laneEnds[lane] = meta.maxTime
      }
      let x = (Double(meta.minTime) - start) * scale
      let width = max((Double(meta.maxTime) - Double(meta.minTime)) * scale - 1, 2)
      let kinds = ["level\(min(max(meta.compaction.level, 1), 5))"] + states(block).map(\.name)
      rectangles += """
        <rect class="\(kinds.joined(separator: " "))" x="\(Self.number(x))" \
        y="\(Self.number(Double(lane) * Self.laneHeight))" width="\(Self.number(width))" \
        height="\(Self.number(Self.laneHeight - 3))" rx="2"><title>\(Self.escaped(tooltip(block)))</title></rect>
        """
    }
    let height = Double(laneEnds.count) * Self.laneHeight + 18
    return """
      <svg viewBox="0 0 \(Self.number(Self.width)) \(Self.number(height))" role="img">\(rectangles)\
      <text x="0" y="\(Self.number(height - 3))">\(time(first))</text>\
      <text x="\(Self.number(Self.width))" y="\(Self.number(height - 3))" \
      text-anchor="end">\(time(last))</text></svg>
      """
  }

  private func tooltip(_ block: BlockView.Block) -> String {
    let meta = block.meta
    return "\(meta.id)\n\(time(meta.minTime)) to \(time(meta.maxTime)), "
      + "\(HumanText.duration(from: meta.minTime, to: meta.maxTime))\n"
      + "level \(meta.compaction.level), \(HumanText.count(meta.stats.series)) series, "
      + "\(HumanText.count(meta.stats.samples)) samples"
      + states(block).map { "\n\($0.text)" }.joined()
  }

  private func states(_ block: BlockView.Block) -> [(name: String, text: String)] {
    var states: [(String, String)] = []
    if block.isMarkedForDeletion { states.append(("deleted", "marked for deletion")) }
    if block.isMarkedNoCompact { states.append(("excluded", "not to be compacted")) }
    if block.isMarkedNoDownsample { states.append(("kept", "not to be downsampled")) }
    return states
  }

  // MARK: - Table

  private func table(_ blocks: [BlockView.Block]) -> String {
    let titles = [
      "block", "from", "to", "range", "level", "series", "samples", "chunks", "source", "marks",
    ]
    let rows = blocks.map { block -> String in
      let meta = block.meta
      let cells = [
        "\(meta.id)", time(meta.minTime), time(meta.maxTime),
        HumanText.duration(from: meta.minTime, to: meta.maxTime), "\(meta.compaction.level)",
        HumanText.count(meta.stats.series), HumanText.count(meta.stats.samples),
        HumanText.count(meta.stats.chunks), meta.thanos?.source ?? "",
        states(block).map(\.text).joined(separator: ", "),
      ]
      return "<tr>" + cells.map { "<td>\(Self.escaped($0))</td>" }.joined() + "</tr>"
    }
    return "<table><tr>" + titles.map { "<th>\($0)</th>" }.joined() + "</tr>"
      + rows.joined(separator: "\n") + "</table>"
  }

  private func title(_ blocks: [BlockView.Block]) -> String {
    "\(name(blocks))  \(HumanText.resolution(blocks.first?.meta.resolution ?? 0))"
  }

  /// Whose blocks these are.
  private func name(_ blocks: [BlockView.Block]) -> String {
    guard let meta = blocks.first?.meta else { return "" }
    let named = meta.thanos?.labels.first { $0.name == Array(label.utf8) }
    let prefix = named.map { String(decoding: $0.value, as: UTF8.self) + "  " } ?? ""
    return prefix + text(meta)
  }

  private func text(_ meta: BlockMeta) -> String {
    LabelSet((meta.thanos?.labels ?? []).map { ($0.name, $0.value) }).description
  }

  private func time(_ milliseconds: Int64) -> String {
    String(HumanText.time(milliseconds).prefix(19)).replacing("T", with: " ")
  }

  private var legend: String {
    let levels = (1...5).map {
      "<span class=\"key level\($0)\">level \($0)\($0 == 5 ? "+" : "")</span>"
    }
    return
      "<p>\(levels.joined(separator: " ")) <span class=\"key deleted\">marked for deletion</span> "
      + "<span class=\"key excluded\">not to be compacted</span></p>"
  }

  private static func number(_ value: Double) -> String { HumanText.decimal(value, 1) }

  static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      default: escaped.append(character)
      }
    }
    return escaped
  }

  private static let style = """
    body{font:14px/1.5 system-ui,sans-serif;max-width:1100px;margin:2em auto;padding:0 1em;color:#223}
    h1{font-size:22px}h2{font-size:15px;margin:1.5em 0 .4em;font-family:ui-monospace,monospace}
    svg{width:100%;background:#f6f7f9;border-radius:4px}svg text{font-size:11px;fill:#667}
    .level1{fill:#9ecae1;background:#9ecae1}.level2{fill:#6baed6;background:#6baed6}
    .level3{fill:#3182bd;background:#3182bd}.level4{fill:#08519c;background:#08519c}
    .level5{fill:#08306b;background:#08306b}.level4.key,.level5.key,.level3.key{color:#fff}
    .deleted{opacity:.35}.excluded{stroke:#d62728;stroke-width:2;outline:2px solid #d62728}
    .key{padding:1px 8px;border-radius:3px}.key.deleted{background:#6baed6}
    nav a,nav b{margin-right:1em}a{color:#08519c}
    .failure{color:#b00020}table{border-collapse:collapse;font-size:12px;margin:.5em 0}
    td,th{padding:2px 8px;border-bottom:1px solid #dde;text-align:left;white-space:nowrap}
    details{margin:.3em 0}
    """
}
