internal import NIOCore

/// The answer to `get`: what the server has of the keys.
///
///     VALUE key flags bytes\r\n
///     data\r\n
///     …
///     END\r\n
struct MemcachedValues: ReplyParser {
  /// A value larger than this is none of ours.
  let valueLimit: Int
  /// What all values of one answer may take, with their keys.
  let totalLimit: Int

  private var values: [String: [UInt8]] = [:]
  private var total = 0
  /// The value whose header was read.
  private var awaited: (key: String, byteCount: Int)?

  /// A key has 250 bytes at most, numbers some twenty.
  private static let lineLimit = 512

  init(valueLimit: Int, totalLimit: Int) {
    self.valueLimit = valueLimit
    self.totalLimit = totalLimit
  }

  mutating func parse(
    _ bytes: inout ByteBuffer
  ) throws(WireFailure) -> [String: [UInt8]]? {
    while true {
      if let (key, byteCount) = awaited {
        guard bytes.readableBytes >= byteCount + 2 else { return nil }
        guard let value = bytes.readBytes(length: byteCount),
          let end = bytes.readBytes(length: 2), end == [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
        else { throw .malformed("a value longer than its length") }
        values[key] = value
        awaited = nil
      }
      guard let line = try bytes.readLine(limit: Self.lineLimit) else { return nil }
      if line.readableBytesView.elementsEqual("END".utf8) { return values }
      awaited = try header(line.readableBytesView)
    }
  }

  private mutating func header(
    _ line: ByteBufferView
  ) throws(WireFailure) -> (key: String, byteCount: Int) {
    let words = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
    guard words.first?.elementsEqual("VALUE".utf8) == true else {
      throw MemcachedRefusal.failure(of: line)
    }
    // A fifth word is the value's version, which nobody asked for.
    guard words.count >= 4, let byteCount = decimal(words[3]) else {
      throw .malformed("a value without a length")
    }
    guard byteCount <= valueLimit else { throw .malformed("a value of \(byteCount) bytes") }
    total += byteCount + words[1].count + ReplyMemory.perValue
    guard total <= totalLimit else { throw .malformed("an answer of \(total) bytes and more") }
    return (String(decoding: words[1], as: UTF8.self), byteCount)
  }
}

/// The answers to some `set`s sent at once, in their order: nil for those that were done.
struct MemcachedStored: ReplyParser {
  let count: Int
  private var results: [WireFailure?] = []

  private static let lineLimit = 2048

  init(count: Int) { self.count = count }

  mutating func parse(_ bytes: inout ByteBuffer) throws(WireFailure) -> [WireFailure?]? {
    while results.count < count {
      guard let line = try bytes.readLine(limit: Self.lineLimit) else { return nil }
      let words = line.readableBytesView
      if words.elementsEqual("STORED".utf8) {
        results.append(nil)
      } else if words.elementsEqual("NOT_STORED".utf8) {
        results.append(.server("not stored"))
      } else if words.starts(with: "SERVER_ERROR".utf8) {
        results.append(MemcachedRefusal.failure(of: words))
      } else {
        // After these the server may take data for commands.
        throw MemcachedRefusal.failure(of: words)
      }
    }
    return results
  }
}

/// Lines with which a server refuses.
enum MemcachedRefusal {
  static func failure(of line: ByteBufferView) -> WireFailure {
    for word in ["SERVER_ERROR", "CLIENT_ERROR", "ERROR"] where line.starts(with: word.utf8) {
      return .server(saying: line)
    }
    return .malformed("a line that is no answer")
  }
}
