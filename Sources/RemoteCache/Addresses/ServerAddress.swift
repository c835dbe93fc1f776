/// Where a server listens: `host:port`, `[IPv6]:port`, or the path of a socket.
struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
  let host: String
  /// 0 for a path.
  let port: Int

  var isPath: Bool { host.utf8.first == UInt8(ascii: "/") }

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Nil when the text is no address.
  init?(_ text: String) {
    if text.utf8.first == UInt8(ascii: "/") {
      self.init(host: text, port: 0)
      return
    }
    guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")),
      let port = decimal(Array(text.utf8[text.utf8.index(after: colon)...])),
      (1...65_535).contains(port)
    else { return nil }
    var host = text[..<colon]
    if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
    guard !host.isEmpty, !host.contains(where: { $0 == "[" || $0 == "]" }) else { return nil }
    self.init(host: String(host), port: port)
  }

  var description: String {
    if isPath { return host }
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
