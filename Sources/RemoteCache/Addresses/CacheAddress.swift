/// An address as configurations give it: of a server, or of a name to look up.
///
///     cache:11211               a server
///     dns+cache:11211           every address of the name, with this port
///     dnsdualstack+cache:11211  the same; both name IPv4 and IPv6 addresses here
///     dnssrv+_memcache._tcp.x   servers of the service: their addresses and ports
///     dnssrvnoa+_memcache._tcp.x  servers of the service: their names and ports
struct CacheAddress: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    case server(ServerAddress)
    case host(ServerAddress)
    /// A port takes the place of those that the records say.
    case service(name: String, port: Int?, resolvesTargets: Bool)
  }

  /// As written.
  let text: String
  let kind: Kind

  /// Nil when the text is no address.
  init?(_ text: String) {
    guard let plus = text.firstIndex(of: "+"), !text.hasPrefix("/") else {
      guard let server = ServerAddress(text) else { return nil }
      self.init(text: text, kind: .server(server))
      return
    }
    let name = String(text[text.index(after: plus)...])
    switch text[..<plus] {
    case "dns", "dnsdualstack":
      guard let host = ServerAddress(name), !host.isPath else { return nil }
      self.init(text: text, kind: .host(host))
    case "dnssrv": self.init(text: text, service: name, resolvesTargets: true)
    case "dnssrvnoa": self.init(text: text, service: name, resolvesTargets: false)
    default: return nil
    }
  }

  private init?(text: String, service: String, resolvesTargets: Bool) {
    let server = ServerAddress(service)
    let name = server?.host ?? service
    guard !name.isEmpty, !name.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }),
      server != nil || !name.contains(":")
    else { return nil }
    self.init(
      text: text,
      kind: .service(name: name, port: server?.port, resolvesTargets: resolvesTargets))
  }

  private init(text: String, kind: Kind) {
    self.text = text
    self.kind = kind
  }
}
