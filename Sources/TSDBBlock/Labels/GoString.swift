/// String literals with the escapes of Go, as selectors use them.
package enum GoString {
  /// `value` as Go's `strconv.Quote` writes it, which is what cache keys of Thanos contain.
  ///
  /// What is not printable is escaped. Which scalars are depends on the version of Unicode: ours may
  /// know younger ones than a Go program does, and writes them bare.
  package static func quoted(_ value: [UInt8]) -> String {
    var text = "\""
    var pieces = UTF8Pieces(value)
    while let piece = pieces.next() {
      switch piece {
      case .invalid(let byte): text += "\\x" + hexadecimal(UInt32(byte), digits: 2)
      case .scalar(let scalar): appendQuoted(scalar, to: &text)
      }
    }
    return text + "\""
  }

  private static func appendQuoted(_ scalar: Unicode.Scalar, to text: inout String) {
    if let letter = letters[scalar.value] {
      text += "\\" + letter
    } else if isPrintable(scalar) {
      text.unicodeScalars.append(scalar)
    } else if scalar.value < 0x20 || scalar.value == 0x7F {
      text += "\\x" + hexadecimal(scalar.value, digits: 2)
    } else if scalar.value < 0x10000 {
      text += "\\u" + hexadecimal(scalar.value, digits: 4)
    } else {
      text += "\\U" + hexadecimal(scalar.value, digits: 8)
    }
  }

  private static let letters: [UInt32: String] = [
    7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 0x22: "\"", 0x5C: "\\",
  ]

  /// Letters, marks, numbers, punctuation, symbols, and of the spaces that of ASCII alone.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return 0x20...0x7E ~= scalar.value }
    return switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
      .paragraphSeparator:
      false
    default: true
    }
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  /// Reads from behind the opening quote and leaves `cursor` behind the closing one; nil, with
  /// `cursor` at the mistake, when an escape is wrong or the quote is missing.
  static func unquote(_ text: [UInt8], from cursor: inout Int, quote: UInt8) -> [UInt8]? {
    var value: [UInt8] = []
    while cursor < text.count {
      let byte = text[cursor]
      if byte == quote {
        cursor += 1
        return value
      }
      if byte == UInt8(ascii: "\n"), quote != UInt8(ascii: "`") { return nil }
      if byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "`") {
        guard appendEscape(text, &cursor, to: &value, quote: quote) else { return nil }
      } else {
        value.append(byte)
        cursor += 1
      }
    }
    return nil
  }

  private static let simple: [UInt8: UInt8] = [
    UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
    UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11, UInt8(ascii: "\\"): 92,
  ]

  /// Reads the escape whose backslash `cursor` is at.
  private static func appendEscape(
    _ text: [UInt8], _ cursor: inout Int, to value: inout [UInt8], quote: UInt8
  ) -> Bool {
    guard cursor + 1 < text.count else { return false }
    let kind = text[cursor + 1]
    if let byte = simple[kind] ?? (kind == quote ? quote : nil) {
      value.append(byte)
      cursor += 2
      return true
    }
    switch kind {
    case UInt8(ascii: "x"):
      guard let byte = number(text, cursor + 2, digits: 2, radix: 16) else { return false }
      value.append(UInt8(truncatingIfNeeded: byte))
      cursor += 4
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      guard let byte = number(text, cursor + 1, digits: 3, radix: 8), byte < 256 else {
        return false
      }
      value.append(UInt8(truncatingIfNeeded: byte))
      cursor += 4
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      let digits = kind == UInt8(ascii: "u") ? 4 : 8
      guard let code = number(text, cursor + 2, digits: digits, radix: 16),
        let scalar = Unicode.Scalar(code)
      else { return false }
      value += Array(String(scalar).utf8)
      cursor += 2 + digits
    default:
      return false
    }
    return true
  }

  private static func number(
    _ text: [UInt8], _ start: Int, digits: Int, radix: Int
  ) -> UInt32? {
    guard start + digits <= text.count else { return nil }
    let part = text[start..<start + digits]
    guard part.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else {
      return nil
    }
    return UInt32(String(decoding: part, as: UTF8.self), radix: radix)
  }
}
