/// Writes JSON byte for byte as Go's encoder does: `<`, `>`, `&`, U+2028 and U+2029 are escaped,
/// empty lists and objects stay on one line.
struct JSONWriter {
  enum Layout {
    /// No space at all; marks are written so.
    case compact
    /// One member a line, one tab a level; meta.json is written so.
    case tabs
  }

  static func bytes(of value: RawJSON, layout: Layout) -> [UInt8] {
    var writer = JSONWriter(layout: layout)
    writer.write(value)
    return writer.output
  }

  private let layout: Layout
  private var output: [UInt8] = []
  private var depth = 0

  private init(layout: Layout) { self.layout = layout }

  private mutating func write(_ value: RawJSON) {
    switch value {
    case .null: append("null")
    case .bool(let value): append(value ? "true" : "false")
    case .number(let text): append(text)
    case .string(let bytes): write(bytes)
    case .array(let elements):
      writeList("[", "]", count: elements.count) { $0.write(elements[$1]) }
    case .object(let members):
      writeList("{", "}", count: members.count) { writer, index in
        writer.write(members[index].key)
        writer.append(writer.layout == .tabs ? ": " : ":")
        writer.write(members[index].value)
      }
    }
  }

  private mutating func writeList(
    _ open: String, _ close: String, count: Int,
    _ element: (inout JSONWriter, Int) -> Void
  ) {
    append(open)
    depth += 1
    for index in 0..<count {
      if index > 0 { append(",") }
      newLine()
      element(&self, index)
    }
    depth -= 1
    if count > 0 { newLine() }
    append(close)
  }

  private mutating func newLine() {
    guard layout == .tabs else { return }
    output.append(UInt8(ascii: "\n"))
    output.append(contentsOf: repeatElement(UInt8(ascii: "\t"), count: depth))
  }

  private mutating func write(_ string: [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for scalar in String(decoding: string, as: UTF8.self).unicodeScalars { write(scalar) }
    output.append(UInt8(ascii: "\""))
  }

  private mutating func write(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "\"": append("\\\"")
    case "\\": append("\\\\")
    case "\n": append("\\n")
    case "\r": append("\\r")
    case "\t": append("\\t")
    case "\u{08}": append("\\b")
    case "\u{0C}": append("\\f")
    case "\u{00}"..."\u{1F}", "<", ">", "&", "\u{2028}", "\u{2029}":
      let digits = String(scalar.value, radix: 16)
      append("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
    default: append(String(scalar))
    }
  }

  private mutating func append(_ text: String) {
    output.append(contentsOf: text.utf8)
  }
}
