internal import NIOCore

/// The answers to some commands sent at once, in their order.
struct RedisReplies: ReplyParser {
  let count: Int
  private var reader: RESPReader
  private var replies: [RESPValue] = []

  /// - Parameter totalLimit: what all answers may take.
  init(count: Int, valueLimit: Int = 1 << 20, totalLimit: Int = 16 << 20) {
    self.count = count
    reader = RESPReader(valueLimit: valueLimit, memoryLimit: totalLimit)
    replies.reserveCapacity(count)
  }

  mutating func parse(_ bytes: inout ByteBuffer) throws(WireFailure) -> [RESPValue]? {
    while replies.count < count {
      guard let reply = try reader.next(&bytes) else { return nil }
      replies.append(reply)
    }
    return replies
  }
}
