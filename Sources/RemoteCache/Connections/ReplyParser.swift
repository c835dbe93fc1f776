internal import NIOCore

/// Turns the bytes of one answer into a value, as they come.
protocol ReplyParser: Sendable {
  associatedtype Reply: Sendable

  /// Takes what it understands from the front of `bytes`.
  ///
  /// What it leaves comes again with more behind it, so it leaves no more than one line or one
  /// value, and refuses those that are too long before they are there.
  ///
  /// - Returns: the answer, when it is complete.
  mutating func parse(_ bytes: inout ByteBuffer) throws(WireFailure) -> Reply?
}

/// What answers take in memory beside the bytes that came.
enum ReplyMemory {
  /// Without it, values of no bytes could be so many that they fill the memory.
  static let perValue = 64
}

extension ByteBuffer {
  /// The bytes of the next line, without its end, when the line is complete.
  ///
  /// - Parameter limit: no line of an honest server is longer.
  mutating func readLine(limit: Int) throws(WireFailure) -> ByteBuffer? {
    let view = readableBytesView
    guard let end = view.prefix(limit + 2).firstIndex(of: UInt8(ascii: "\n")) else {
      if readableBytes > limit + 1 { throw .malformed("a line of more than \(limit) bytes") }
      return nil
    }
    var line = readSlice(length: end - view.startIndex)
    moveReaderIndex(forwardBy: 1)
    if let text = line, text.readableBytesView.last == UInt8(ascii: "\r") {
      line = text.getSlice(at: text.readerIndex, length: text.readableBytes - 1)
    }
    return line
  }

  /// The bytes that can be read.
  var bytes: [UInt8] { Array(readableBytesView) }
}

/// A decimal number without sign, nil when it is none or does not fit.
func decimal(_ digits: some Collection<UInt8>) -> Int? {
  guard !digits.isEmpty, digits.count <= 18 else { return nil }
  var value = 0
  for digit in digits {
    guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
    value = value * 10 + Int(digit - UInt8(ascii: "0"))
  }
  return value
}
