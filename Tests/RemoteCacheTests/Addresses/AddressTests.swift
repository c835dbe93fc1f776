import Testing

@testable import RemoteCache

@Suite struct AddressTests {
  @Test(arguments: [
    ("a:1", "a", 1), ("127.0.0.1:65535", "127.0.0.1", 65_535), ("[::1]:11211", "::1", 11_211),
    ("/run/memcached.sock", "/run/memcached.sock", 0),
  ])
  func `servers are hosts and ports, or paths`(text: String, host: String, port: Int) {
    let address = ServerAddress(text)
    #expect(address?.host == host)
    #expect(address?.port == port)
    #expect(address?.description == text)
  }

  @Test(arguments: ["", "a", "a:", ":1", "a:0", "a:65536", "a:-1", "a:x", "[]:1", "a]:1"])
  func `other texts are no servers`(text: String) {
    #expect(ServerAddress(text) == nil)
    #expect(text.hasPrefix("/") || CacheAddress(text) == nil)
  }

  @Test func `prefixes say how to look up`() throws {
    let host = try #require(ServerAddress("a.b:1"))
    #expect(CacheAddress("a.b:1")?.kind == .server(host))
    #expect(CacheAddress("dns+a.b:1")?.kind == .host(host))
    #expect(CacheAddress("dnsdualstack+a.b:1")?.kind == .host(host))
    #expect(
      CacheAddress("dnssrv+_m._tcp.a")?.kind
        == .service(name: "_m._tcp.a", port: nil, resolvesTargets: true))
    #expect(
      CacheAddress("dnssrvnoa+_m._tcp.a:7")?.kind
        == .service(name: "_m._tcp.a", port: 7, resolvesTargets: false))
    for wrong in ["dns+a", "dnssrv+", "dnssrv+a b", "dnssrvnoa+a:x", "srv+a:1", "+a:1", "dns+/x"] {
      #expect(CacheAddress(wrong) == nil, "\(wrong)")
    }
  }
}
