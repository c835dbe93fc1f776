/// Columns of text, each as wide as its widest cell.
///
/// Clients decide some of the cells: control characters, which could play with a terminal, become
/// question marks.
enum TextTable {
  /// - Parameter right: the columns whose cells end in line.
  static func render(_ rows: [[String]], right: Set<Int>) -> String {
    let rows = rows.map { $0.map(printable) }
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.count)
      }
    }
    var text = ""
    for row in rows {
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        let isLast = column == row.count - 1
        text += right.contains(column) ? padding + cell : isLast ? cell : cell + padding
        text += isLast ? "\n" : "  "
      }
    }
    return text
  }

  private static func printable(_ cell: String) -> String {
    String(
      String.UnicodeScalarView(
        cell.unicodeScalars.map {
          $0.value < 0x20 || 0x7F...0x9F ~= $0.value || 0x2028...0x202E ~= $0.value ? "?" : $0
        }))
  }
}
