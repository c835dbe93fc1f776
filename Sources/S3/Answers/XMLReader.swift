/// Reads the small documents that S3 answers with.
///
/// Strict where an attacker could use it: no document types, so no entities but the five of XML and
/// those by number, and no more than some levels. Namespaces are dropped, attributes skipped.
struct XMLReader {
  struct Malformed: Error, Equatable, Sendable, CustomStringConvertible {
    var offset: Int
    var reason: String

    var description: String { "\(reason) at byte \(offset)" }
  }

  private static let maximumDepth = 16
  private static let maximumNameByteCount = 128

  private struct Element {
    var name: String
    var text: [UInt8] = []
  }

  private let bytes: [UInt8]
  private var position = 0
  private var open: [Element] = []
  private var isFinished = false

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Calls `body` at the end of every element, inner ones first.
  ///
  /// - Parameter body: gets the names from the root on, and the text directly inside the element.
  static func forEachElement(
    of bytes: [UInt8], _ body: (_ path: [String], _ text: String) -> Void
  ) throws(Malformed) {
    var reader = XMLReader(bytes)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.position = 3 }
    while reader.position < bytes.count { try reader.readPart(body) }
    guard reader.isFinished else { throw reader.malformed("the document ends too early") }
  }

  private mutating func readPart(
    _ body: ([String], String) -> Void
  ) throws(Malformed) {
    guard bytes[position] == UInt8(ascii: "<") else { return try readText() }
    if skip("<?") { return try skipPast("?>") }
    if skip("<!--") { return try skipPast("-->") }
    if skip("<![CDATA[") { return try readCharacterData() }
    if skip("<!") { throw malformed("a document type is not accepted") }
    if skip("</") { return try readEnd(body) }
    position += 1
    try readStart(body)
  }

  // MARK: Tags

  private mutating func readStart(
    _ body: ([String], String) -> Void
  ) throws(Malformed) {
    guard !isFinished else { throw malformed("a second root element") }
    guard open.count < Self.maximumDepth else { throw malformed("elements are nested too deep") }
    let name = try readName()
    open.append(Element(name: name))
    var quote: UInt8?
    var last: UInt8 = 0
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if let mark = quote {
        if byte == mark { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: "<") {
        throw malformed("a tag inside a tag")
      } else if byte == UInt8(ascii: ">") {
        if last == UInt8(ascii: "/") { close(body) }
        return
      }
      last = byte
    }
    throw malformed("a tag does not end")
  }

  private mutating func readEnd(
    _ body: ([String], String) -> Void
  ) throws(Malformed) {
    let name = try readName()
    while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    guard skip(">") else { throw malformed("a tag does not end") }
    guard open.last?.name == name else { throw malformed("</\(name)> closes nothing") }
    close(body)
  }

  private mutating func close(_ body: ([String], String) -> Void) {
    let path = open.map(\.name)
    guard let element = open.popLast() else { return }
    body(path, String(decoding: element.text, as: UTF8.self))
    if open.isEmpty { isFinished = true }
  }

  /// A name without its namespace.
  private mutating func readName() throws(Malformed) -> String {
    let start = position
    while position < bytes.count, Self.isName(bytes[position]) { position += 1 }
    let name = bytes[start..<position]
    guard !name.isEmpty, name.count <= Self.maximumNameByteCount else {
      throw malformed("no name of an element")
    }
    let local = name.lastIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name
    return String(decoding: local, as: UTF8.self)
  }

  // MARK: Text

  private mutating func readText() throws(Malformed) {
    while position < bytes.count, bytes[position] != UInt8(ascii: "<") {
      if bytes[position] == UInt8(ascii: "&") {
        try append(readReference())
      } else {
        try append(CollectionOfOne(bytes[position]))
        position += 1
      }
    }
  }

  private mutating func readCharacterData() throws(Malformed) {
    let start = position
    try skipPast("]]>")
    try append(bytes[start..<position - 3])
  }

  private mutating func append(_ text: some Collection<UInt8>) throws(Malformed) {
    guard !open.isEmpty else {
      guard text.allSatisfy(Self.isSpace) else { throw malformed("text outside of the root") }
      return
    }
    open[open.count - 1].text.append(contentsOf: text)
  }

  private mutating func readReference() throws(Malformed) -> [UInt8] {
    let end = bytes[position...].prefix(12).firstIndex(of: UInt8(ascii: ";"))
    guard let end else { throw malformed("an entity does not end") }
    let name = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
    let scalar: Unicode.Scalar?
    switch name {
    case "amp": scalar = "&"
    case "lt": scalar = "<"
    case "gt": scalar = ">"
    case "quot": scalar = "\""
    case "apos": scalar = "'"
    default:
      let isHexadecimal = name.hasPrefix("#x")
      let digits = name.dropFirst(isHexadecimal ? 2 : 1)
      scalar =
        name.hasPrefix("#")
        ? UInt32(digits, radix: isHexadecimal ? 16 : 10).flatMap(Unicode.Scalar.init) : nil
    }
    guard let scalar else { throw malformed("unknown entity") }
    position = end + 1
    return Array(String(Character(scalar)).utf8)
  }

  // MARK: Bytes

  private mutating func skip(_ text: StaticString) -> Bool {
    let wanted = text.description.utf8
    guard bytes[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  private mutating func skipPast(_ text: StaticString) throws(Malformed) {
    let wanted = Array(text.description.utf8)
    while position + wanted.count <= bytes.count {
      if bytes[position] == wanted[0],
        bytes[position..<position + wanted.count].elementsEqual(wanted)
      {
        position += wanted.count
        return
      }
      position += 1
    }
    throw malformed("\(text) is missing")
  }

  private func malformed(_ reason: String) -> Malformed {
    Malformed(offset: position, reason: reason)
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (9...13).contains(byte)
  }

  private static func isName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: ":"), 0x80...0xFF:
      true
    default: false
    }
  }
}
