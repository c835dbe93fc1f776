internal import NIOCore
internal import TSDBBlock

/// Keys and requests of the text protocol.
enum MemcachedKey {
  private static let byteLimit = 250

  /// Whether the protocol can carry a key. Bytes beyond ASCII could; none of our keys has them.
  static func isValid(_ key: String) -> Bool {
    !key.isEmpty && key.utf8.count <= byteLimit
      && key.utf8.allSatisfy { (0x21..<0x7F).contains($0) }
  }

  /// The place of the server that has a key.
  static func server(of key: String, among count: Int) -> Int {
    count == 1 ? 0 : JumpHash.place(of: XXHash64.hash(Array(key.utf8)), count: count)
  }

  static func getRequest(_ keys: [String]) -> ByteBuffer {
    var request = ByteBuffer()
    request.reserveCapacity(5 + keys.reduce(0) { $0 + $1.utf8.count + 1 })
    request.writeString("get")
    for key in keys {
      request.writeString(" ")
      request.writeString(key)
    }
    request.writeString("\r\n")
    return request
  }

  /// - Parameter now: Unix seconds. The protocol takes a lifetime beyond 30 days for a time, so
  ///   times are always sent as such.
  static func setRequest(_ sets: some Collection<PendingSet>, now: Int64) -> ByteBuffer {
    var request = ByteBuffer()
    request.reserveCapacity(sets.reduce(0) { $0 + $1.key.utf8.count + $1.value.count + 48 })
    for set in sets {
      let end = now + max(1, set.lifetime.components.seconds)
      request.writeString("set \(set.key) 0 \(end) \(set.value.count)\r\n")
      request.writeBytes(set.value)
      request.writeString("\r\n")
    }
    return request
  }
}
