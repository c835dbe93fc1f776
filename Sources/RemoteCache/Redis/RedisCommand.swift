internal import NIOCore

/// Commands in the form of the protocol.
enum RedisCommand {
  static func append(_ words: [String], to request: inout ByteBuffer) {
    begin(words.count, &request)
    for word in words { append(word, to: &request) }
  }

  /// `SET key value PX milliseconds`
  static func appendSet(_ set: PendingSet, key: String, to request: inout ByteBuffer) {
    let (seconds, attoseconds) = set.lifetime.components
    let milliseconds = max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    begin(5, &request)
    append("SET", to: &request)
    append(key, to: &request)
    request.writeString("$\(set.value.count)\r\n")
    request.writeBytes(set.value)
    request.writeString("\r\n")
    append("PX", to: &request)
    append("\(milliseconds)", to: &request)
  }

  private static func begin(_ count: Int, _ request: inout ByteBuffer) {
    request.writeString("*\(count)\r\n")
  }

  private static func append(_ word: String, to request: inout ByteBuffer) {
    request.writeString("$\(word.utf8.count)\r\n")
    request.writeString(word)
    request.writeString("\r\n")
  }
}
