internal import NIOCore

/// A value of the Redis serialization protocol, version 2 or 3.
enum RESPValue: Equatable, Sendable {
  case text([UInt8])
  case error([UInt8])
  case integer(Int)
  case bytes([UInt8])
  case array([RESPValue])
  case null

  /// The bytes of a text, simple or not.
  var content: [UInt8]? {
    switch self {
    case .text(let bytes), .bytes(let bytes): bytes
    default: nil
    }
  }

  /// Bytes of a text or an error.
  fileprivate var byteCount: Int {
    switch self {
    case .text(let bytes), .error(let bytes), .bytes(let bytes): bytes.count
    case .integer, .array, .null: 0
    }
  }

  var string: String? { content.map { String(decoding: $0, as: UTF8.self) } }

  var elements: [RESPValue]? {
    if case .array(let elements) = self { return elements }
    return nil
  }
}

/// Reads values as they come.
///
///     +text\r\n   -error\r\n   :integer\r\n   _\r\n   #t\r\n   ,1.5\r\n   (12345\r\n
///     $count\r\nbytes\r\n    !…  =…  likewise
///     *count\r\nvalue…       ~…  >…  likewise        %count\r\nkey value…
///
/// Source: the protocol's specification, https://redis.io/docs/reference/protocol-spec/
struct RESPReader: Sendable {
  /// A text larger than this is none of ours.
  let valueLimit: Int
  /// What all values together may take.
  let memoryLimit: Int

  private static let lineLimit = 4096
  private static let depthLimit = 8
  private static let countLimit = 1 << 20

  /// Arrays that are not complete, the innermost last.
  private var open: [(rest: Int, elements: [RESPValue])] = []
  /// Bytes of the text whose length was read, and whether it is an error.
  private var awaited: (byteCount: Int, isError: Bool)?
  private var elementCount = 0
  /// What all values that were read take, nearly.
  private var memory = 0

  init(valueLimit: Int, memoryLimit: Int) {
    self.valueLimit = valueLimit
    self.memoryLimit = memoryLimit
  }

  /// The next value, when it is complete.
  mutating func next(_ bytes: inout ByteBuffer) throws(WireFailure) -> RESPValue? {
    while true {
      guard let value = try scalar(&bytes) else { return nil }
      memory += ReplyMemory.perValue + value.byteCount
      guard memory <= memoryLimit else {
        throw .malformed("an answer of \(memory) bytes and more")
      }
      guard let complete = close(with: value) else { continue }
      elementCount = 0
      return complete
    }
  }

  /// A value that is no array, or an empty one; opens arrays before it.
  private mutating func scalar(_ bytes: inout ByteBuffer) throws(WireFailure) -> RESPValue? {
    while true {
      if let (byteCount, isError) = awaited {
        guard bytes.readableBytes >= byteCount + 2 else { return nil }
        guard let text = bytes.readBytes(length: byteCount),
          bytes.readBytes(length: 2) == [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
        else { throw .malformed("a text longer than its length") }
        awaited = nil
        return isError ? .error(text) : .bytes(text)
      }
      guard let line = try bytes.readLine(limit: Self.lineLimit) else { return nil }
      if let value = try begin(line.bytes) { return value }
    }
  }

  /// The value of a line; nil when more belongs to it.
  private mutating func begin(_ line: [UInt8]) throws(WireFailure) -> RESPValue? {
    guard let kind = line.first else { throw .malformed("an empty line") }
    let rest = line.dropFirst()
    switch kind {
    case UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: "("): return .text(Array(rest))
    case UInt8(ascii: "-"): return .error(Array(rest))
    case UInt8(ascii: ":"):
      guard let number = Int(String(decoding: rest, as: UTF8.self)) else {
        throw .malformed("an integer that is none")
      }
      return .integer(number)
    case UInt8(ascii: "_"): return .null
    case UInt8(ascii: "#"): return .integer(rest.first == UInt8(ascii: "t") ? 1 : 0)
    case UInt8(ascii: "$"), UInt8(ascii: "!"), UInt8(ascii: "="):
      guard let count = try length(rest, limit: valueLimit) else { return .null }
      awaited = (count, kind == UInt8(ascii: "!"))
      return nil
    case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: ">"), UInt8(ascii: "%"):
      guard var count = try length(rest, limit: Self.countLimit / 2) else { return .null }
      if kind == UInt8(ascii: "%") { count *= 2 }
      elementCount += count
      guard open.count < Self.depthLimit, elementCount <= Self.countLimit else {
        throw .malformed("an array of \(elementCount) elements")
      }
      if count == 0 { return .array([]) }
      open.append((count, []))
      return nil
    default: throw .malformed("a line that is no value")
    }
  }

  /// Nil for -1, which stands for nothing.
  private func length(
    _ digits: ArraySlice<UInt8>, limit: Int
  ) throws(WireFailure) -> Int? {
    if digits.elementsEqual("-1".utf8) { return nil }
    guard let count = decimal(digits) else { throw .malformed("a length that is none") }
    guard count <= limit else { throw .malformed("a length of \(count)") }
    return count
  }

  /// Puts a value into the array it belongs to.
  ///
  /// - Returns: what is complete with it and belongs to no array.
  private mutating func close(with value: RESPValue) -> RESPValue? {
    var value = value
    while var array = open.popLast() {
      array.elements.append(value)
      array.rest -= 1
      guard array.rest == 0 else {
        open.append(array)
        return nil
      }
      value = .array(array.elements)
    }
    return value
  }
}
