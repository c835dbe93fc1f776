/// Where a server listens: `0.0.0.0:10902`, `:10902` (all addresses), `[::1]:10902`.
public struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
  public struct Invalid: Error, Equatable, Sendable, CustomStringConvertible {
    public let text: String

    public var description: String {
      "\"\(text)\" is not an address to listen on; write HOST:PORT, :PORT or [IPV6]:PORT"
    }
  }

  /// A name or an address, without brackets.
  public let host: String
  /// 0 lets the system choose.
  public let port: Int

  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  public init(_ text: String) throws(Invalid) {
    guard let colon = text.lastIndex(of: ":"),
      let port = UInt16(text[text.index(after: colon)...]),
      let host = Self.host(text[..<colon])
    else { throw Invalid(text: text) }
    self.init(host: host, port: Int(port))
  }

  /// Whether no other machine can connect. Names other than `localhost` count as reachable.
  public var isOfThisMachineOnly: Bool {
    host == "localhost" || host == "::1"
      || host.hasPrefix("127.") && host.split(separator: ".").count == 4
  }

  public var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  private static func host(_ text: Substring) -> String? {
    if text.isEmpty { return "0.0.0.0" }
    if text.hasPrefix("["), text.hasSuffix("]"), text.count > 2 {
      return String(text.dropFirst().dropLast())
    }
    return text.contains { $0 == ":" || $0 == "[" || $0 == "]" || $0 == " " } ? nil : String(text)
  }
}
