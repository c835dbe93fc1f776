/// Rows of cells in aligned columns.
package struct Table {
  package enum Alignment {
    case left, right
  }

  private var header: [String]
  private var alignments: [Alignment]
  private var rows: [[String]] = []
  private static let gap = 2
  private static let leastWidth = 8

  /// - Parameter columns: titles; a leading `>` aligns the column to the right.
  package init(_ columns: String...) {
    header = columns.map { $0.hasPrefix(">") ? String($0.dropFirst()) : $0 }
    alignments = columns.map { $0.hasPrefix(">") ? .right : .left }
  }

  package var isEmpty: Bool { rows.isEmpty }

  package mutating func add(_ cells: String...) { rows.append(cells) }

  /// The lines, each with `indent` spaces in front, fitted to the terminal: the widest column is
  /// cut with an ellipsis.
  package func render(indent: Int = 0, _ terminal: Terminal) -> String {
    let widths = fitted(indent, terminal.width)
    let titles = line(header, widths, indent)
    let body = rows.map { line($0, widths, indent) }
    return ([terminal.styled(titles, .bold)] + body).map { $0 + "\n" }.joined()
  }

  private func fitted(_ indent: Int, _ available: Int?) -> [Int] {
    var widths = header.indices.map { column in
      ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    guard let available else { return widths }
    while indent + widths.reduce(0, +) + Self.gap * (widths.count - 1) > available,
      let widest = widths.indices.max(by: { widths[$0] < widths[$1] }),
      widths[widest] > Self.leastWidth
    {
      widths[widest] -= 1
    }
    return widths
  }

  private func line(_ cells: [String], _ widths: [Int], _ indent: Int) -> String {
    var text = String(repeating: " ", count: indent)
    for (column, cell) in cells.enumerated() {
      let width = widths[column]
      let shown = cell.count > width ? cell.prefix(max(width - 1, 0)) + "…" : Substring(cell)
      let blank = String(repeating: " ", count: width - shown.count)
      if alignments[column] == .right {
        text += blank + shown
      } else {
        text += shown + (column == cells.count - 1 ? "" : blank)
      }
      if column < cells.count - 1 { text += String(repeating: " ", count: Self.gap) }
    }
    return text
  }
}
