internal import NIOCore

/// Asks a memcached endpoint of a cloud provider for the servers of its cluster.
///
///     config get cluster\r\n
///     CONFIG cluster 0 LENGTH\r\n
///     VERSION\n
///     HOST|IP|PORT HOST|IP|PORT …\n
///     \r\n
///     END\r\n
struct ClusterDiscovery: ReplyParser {
  struct Reply: Equatable, Sendable {
    var version: Int
    var servers: [ServerAddress]
  }

  static let request = ByteBuffer(string: "config get cluster\r\n")

  private static let lineLimit = 256
  /// A cluster of thousands of servers.
  private static let contentLimit = 1 << 20
  private var byteCount: Int?

  mutating func parse(_ bytes: inout ByteBuffer) throws(WireFailure) -> Reply? {
    if byteCount == nil {
      guard let line = try bytes.readLine(limit: Self.lineLimit) else { return nil }
      let words = line.readableBytesView.split(separator: UInt8(ascii: " "))
      guard words.count == 4, words[0].elementsEqual("CONFIG".utf8), let count = decimal(words[3])
      else { throw MemcachedRefusal.failure(of: line.readableBytesView) }
      guard count <= Self.contentLimit else { throw .malformed("a list of \(count) bytes") }
      byteCount = count
    }
    let end = Array("\r\nEND\r\n".utf8)
    guard let byteCount, bytes.readableBytes >= byteCount + end.count else { return nil }
    guard let content = bytes.readBytes(length: byteCount),
      bytes.readBytes(length: end.count) == end
    else { throw .malformed("a list longer than its length") }
    return try Self.read(content)
  }

  private static func read(_ content: [UInt8]) throws(WireFailure) -> Reply {
    let lines = content.split(separator: UInt8(ascii: "\n"))
    guard lines.count == 2, let version = decimal(lines[0].filter { $0 != UInt8(ascii: "\r") })
    else { throw .malformed("a list without a version") }
    var servers: [ServerAddress] = []
    for word in lines[1].filter({ $0 != UInt8(ascii: "\r") }).split(separator: UInt8(ascii: " ")) {
      let parts = word.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
      guard parts.count == 3, let port = decimal(parts[2]), (1...65_535).contains(port) else {
        throw .malformed("a server that is not HOST|IP|PORT")
      }
      let host = parts[0].isEmpty ? parts[1] : parts[0]
      guard !host.isEmpty, host.allSatisfy({ (0x21..<0x7F).contains($0) }) else {
        throw .malformed("a server without a name")
      }
      servers.append(ServerAddress(host: String(decoding: host, as: UTF8.self), port: port))
    }
    return Reply(version: version, servers: servers)
  }
}
