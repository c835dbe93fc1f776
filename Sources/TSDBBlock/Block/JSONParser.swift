/// Reads one JSON value from bytes that nobody vouches for.
///
/// Strict as RFC 8259, with three limits of its own: nesting of ``depthLimit``, numbers of 400
/// characters, and strings that are not valid UTF-8 are repaired. What follows the value is left
/// alone, as the reference does.
struct JSONParser {
  static let depthLimit = 200
  private static let numberLimit = 400

  private let bytes: [UInt8]
  private var position = 0

  /// The first value in `bytes`.
  static func parse(_ bytes: [UInt8]) throws(BlockError) -> RawJSON {
    var parser = JSONParser(bytes: bytes)
    return try parser.value(depth: 0)
  }

  /// Bytes of the first value and of the space around it; what follows does not belong to it.
  static func byteCount(ofFirstValueIn bytes: [UInt8]) throws(BlockError) -> Int {
    var parser = JSONParser(bytes: bytes)
    _ = try parser.value(depth: 0)
    parser.skipSpace()
    return parser.position
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func value(depth: Int) throws(BlockError) -> RawJSON {
    guard depth < Self.depthLimit else {
      throw failure(.limitExceeded, "is nested more than \(Self.depthLimit) levels deep")
    }
    skipSpace()
    switch try peek() {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    default: throw failure(.malformed, "a value must start here")
    }
  }

  private mutating func object(depth: Int) throws(BlockError) -> RawJSON {
    position += 1
    var members: [RawJSON.Member] = []
    skipSpace()
    if try accept("}") { return .object(members) }
    while true {
      skipSpace()
      guard try peek() == UInt8(ascii: "\"") else {
        throw failure(.malformed, "a key in double quotes must start here")
      }
      let key = try string()
      skipSpace()
      try expect(":")
      members.append(RawJSON.Member(key: key, value: try value(depth: depth + 1)))
      skipSpace()
      if try accept("}") { return .object(members) }
      try expect(",")
    }
  }

  private mutating func array(depth: Int) throws(BlockError) -> RawJSON {
    position += 1
    var elements: [RawJSON] = []
    skipSpace()
    if try accept("]") { return .array(elements) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if try accept("]") { return .array(elements) }
      try expect(",")
    }
  }

  private mutating func literal(
    _ word: StaticString, _ value: RawJSON
  ) throws(BlockError) -> RawJSON {
    for byte in word.description.utf8 {
      guard try peek() == byte else { throw failure(.malformed, "'\(word)' expected") }
      position += 1
    }
    return value
  }

  // MARK: - Numbers

  private mutating func number() throws(BlockError) -> String {
    let start = position
    if try peek() == UInt8(ascii: "-") { position += 1 }
    if try peek() == UInt8(ascii: "0") { position += 1 } else { try digits() }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      let sign = try peek()
      if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    guard position - start <= Self.numberLimit else {
      throw failure(.limitExceeded, "a number has more than \(Self.numberLimit) characters")
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() throws(BlockError) {
    guard Self.isDigit(try peek()) else { throw failure(.malformed, "a digit expected") }
    while position < bytes.count, Self.isDigit(bytes[position]) { position += 1 }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  // MARK: - Strings

  private mutating func string() throws(BlockError) -> [UInt8] {
    position += 1
    var text: [UInt8] = []
    while true {
      let byte = try peek()
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return Self.validUTF8(text)
      case UInt8(ascii: "\\"):
        position += 1
        try escape(into: &text)
      case 0..<0x20:
        throw failure(.malformed, "a control character inside a string must be escaped")
      default:
        text.append(byte)
        position += 1
      }
    }
  }

  private mutating func escape(into text: inout [UInt8]) throws(BlockError) {
    let byte = try peek()
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text.append(contentsOf: String(try scalar()).utf8)
    default: throw failure(.malformed, "an unknown escape in a string")
    }
  }

  /// The scalar of an escape with four hexadecimal digits, or of a surrogate pair; a lone surrogate reads as U+FFFD.
  private mutating func scalar() throws(BlockError) -> Character {
    let replacement: Character = "\u{FFFD}"
    let unit = try hexadecimal()
    guard UTF16.isLeadSurrogate(unit) else {
      return Unicode.Scalar(unit).map(Character.init) ?? replacement
    }
    guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    else { return replacement }
    let beforePair = position
    position += 2
    let trail = try hexadecimal()
    guard UTF16.isTrailSurrogate(trail) else {
      position = beforePair
      return replacement
    }
    let value = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(trail) - 0xDC00)
    return Unicode.Scalar(value).map(Character.init) ?? replacement
  }

  private mutating func hexadecimal() throws(BlockError) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(try peek())).hexDigitValue else {
        throw failure(.malformed, "four hexadecimal digits expected after \\u")
      }
      value = value << 4 | UInt16(digit)
      position += 1
    }
    return value
  }

  private static func validUTF8(_ text: [UInt8]) -> [UInt8] {
    text.allSatisfy { $0 < 0x80 } ? text : Array(String(decoding: text, as: UTF8.self).utf8)
  }

  // MARK: - Cursor

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
      position += 1
    }
  }

  private func peek() throws(BlockError) -> UInt8 {
    guard position < bytes.count else {
      throw failure(.truncated, bytes.isEmpty ? "the file is empty" : "the file ends too early")
    }
    return bytes[position]
  }

  private mutating func accept(_ character: Unicode.Scalar) throws(BlockError) -> Bool {
    guard try peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(BlockError) {
    guard try accept(character) else { throw failure(.malformed, "'\(character)' expected") }
  }

  private func failure(_ code: BlockError.Code, _ detail: String) -> BlockError {
    BlockError(code, offset: position, detail: detail)
  }
}
