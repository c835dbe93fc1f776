/// Label names and values as text for people and selectors.
public enum LabelText {
  /// The name as it may stand bare in a selector, else quoted.
  public static func name(_ name: [UInt8]) -> String {
    isLegacyName(name) ? String(decoding: name, as: UTF8.self) : quoted(name)
  }

  /// Whether `name` matches `[a-zA-Z_][a-zA-Z0-9_]*`.
  public static func isLegacyName(_ name: [UInt8]) -> Bool {
    guard let first = name.first else { return false }
    return isLegacyStart(first) && name.dropFirst().allSatisfy { isLegacyStart($0) || isDigit($0) }
  }

  /// `value` in double quotes, escaped as Go's `%q` does for the characters that matter: quote,
  /// backslash, control characters, and bytes that are not UTF-8 as `\xNN`.
  public static func quoted(_ value: [UInt8]) -> String {
    var text = "\""
    var decoder = UTF8Pieces(value)
    while let piece = decoder.next() {
      switch piece {
      case .invalid(let byte): text += "\\x" + twoDigits(byte)
      case .scalar("\""): text += "\\\""
      case .scalar("\\"): text += "\\\\"
      case .scalar("\n"): text += "\\n"
      case .scalar("\r"): text += "\\r"
      case .scalar("\t"): text += "\\t"
      case .scalar(let scalar) where scalar.value < 0x20 || scalar.value == 0x7F:
        text += "\\x" + twoDigits(UInt8(scalar.value))
      case .scalar(let scalar): text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }

  private static func isLegacyStart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
  }

  private static func twoDigits(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}

/// Bytes cut into Unicode scalars and bytes that belong to none.
struct UTF8Pieces {
  enum Piece: Equatable {
    case scalar(Unicode.Scalar)
    case invalid(UInt8)
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> Piece? {
    guard position < bytes.count else { return nil }
    let first = bytes[position]
    let length: Int =
      switch first {
      case 0..<0x80: 1
      case 0xC2..<0xE0: 2
      case 0xE0..<0xF0: 3
      case 0xF0..<0xF5: 4
      default: 0
      }
    if length > 0, position + length <= bytes.count {
      let text = String(validating: bytes[position..<position + length], as: UTF8.self)
      if let text, let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 {
        position += length
        return .scalar(scalar)
      }
    }
    position += 1
    return .invalid(first)
  }
}
