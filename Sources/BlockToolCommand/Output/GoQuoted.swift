extension PromText {
  /// `strconv.Quote`: escapes what is not printable, keeps the rest.
  static func quoted(_ value: [UInt8]) -> String {
    var text = "\""
    var position = 0
    while position < value.count {
      let (scalar, length) = decode(value, at: position)
      if let scalar {
        text += escaped(scalar)
      } else {
        text += "\\x" + hex(UInt32(value[position]), 2)
      }
      position += length
    }
    return text + "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": "\\\""
    case "\\": "\\\\"
    case "\u{07}": "\\a"
    case "\u{08}": "\\b"
    case "\u{0C}": "\\f"
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    case "\u{0B}": "\\v"
    case _ where isPrintable(scalar): String(scalar)
    case _ where scalar.value < 0x80: "\\x" + hex(scalar.value, 2)
    case _ where scalar.value < 0x1_0000: "\\u" + hex(scalar.value, 4)
    default: "\\U" + hex(scalar.value, 8)
    }
  }

  /// Go's `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols, and the ASCII space.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      false
    case .spaceSeparator: scalar == " "
    default: true
    }
  }

  /// The scalar at `position` and its length; nil and 1 for a byte that belongs to none.
  private static func decode(_ bytes: [UInt8], at position: Int) -> (Unicode.Scalar?, Int) {
    for length in 1...4 where position + length <= bytes.count {
      let part = bytes[position..<position + length]
      if let text = String(validating: part, as: UTF8.self) {
        return (text.unicodeScalars.first, length)
      }
    }
    return (nil, 1)
  }

  private static func hex(_ value: UInt32, _ digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: digits - text.count) + text
  }
}
