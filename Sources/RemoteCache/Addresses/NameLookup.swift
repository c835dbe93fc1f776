internal import CResolve
internal import Glibc
internal import ObjectStore

/// Why a name could not be looked up. A name that does not exist is no failure: it has no servers.
struct LookupFailure: Error, Equatable, Sendable {
  let detail: String
}

/// Looks names up. Blocks its thread for some seconds at worst.
struct NameLookup: Sendable {
  /// A name server to ask for services, in place of those of the system.
  var server: (address: String, port: UInt16)?

  private static let answerCapacity = 65_535

  /// The servers behind an address.
  func servers(of address: CacheAddress) throws(LookupFailure) -> [ServerAddress] {
    switch address.kind {
    case .server(let server): return [server]
    case .host(let host):
      return try Self.hosts(host.host, both: address.text.hasPrefix("dnsdualstack+")).map {
        ServerAddress(host: $0, port: host.port)
      }
    case .service(let name, let port, let resolvesTargets):
      var servers: [ServerAddress] = []
      for record in try services(name) {
        let port = port ?? record.port
        let hosts =
          resolvesTargets ? try Self.hosts(record.target, both: false) : [record.target]
        servers += hosts.map { ServerAddress(host: $0, port: port) }
      }
      return servers
    }
  }

  /// The service records of a name.
  private func services(_ name: String) throws(LookupFailure) -> [ServiceRecord] {
    var count: Int32 = 0
    var outcome = CRESOLVE_FAILED
    // SAFETY: the call writes at most the capacity, and tells how much.
    let answer = unsafe [UInt8](unsafeUninitializedCapacity: Self.answerCapacity) {
      buffer, written in
      let base = buffer.baseAddress
      if let server {
        outcome = unsafe cresolve_services(
          name, server.address, server.port, base, Int32(Self.answerCapacity), &count)
      } else {
        outcome = unsafe cresolve_services(
          name, nil, 0, base, Int32(Self.answerCapacity), &count)
      }
      written = Int(max(count, 0))
    }
    switch outcome {
    case CRESOLVE_ANSWERED:
      guard let records = ServiceRecords.read(answer) else {
        throw LookupFailure(detail: "the answer for \(name) is damaged")
      }
      return records
    case CRESOLVE_NOT_FOUND: return []
    default: throw LookupFailure(detail: "no name server answers for \(name)")
    }
  }

  /// The addresses of a host: those of IPv4, or those of IPv6 where there are none, or both.
  private static func hosts(_ name: String, both: Bool) throws(LookupFailure) -> [String] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    // SAFETY: the list is freed below, after the last use of its nodes.
    let status = unsafe getaddrinfo(name, nil, &hints, &list)
    defer { if unsafe list != nil { unsafe freeaddrinfo(list) } }
    guard status == 0 else {
      if status == EAI_NONAME || status == eaiNoData { return [] }
      throw LookupFailure(detail: "cannot look up \(name)")
    }
    var found: [Int32: [String]] = [:]
    var node = unsafe list
    while let entry = unsafe node {
      if let text = unsafe numericHost(entry.pointee) {
        unsafe found[entry.pointee.ai_family, default: []].append(text)
      }
      unsafe node = entry.pointee.ai_next
    }
    let (four, six) = (found[AF_INET] ?? [], found[AF_INET6] ?? [])
    return both ? six + four : four.isEmpty ? six : four
  }

  /// Missing in the headers as Swift sees them.
  private static let eaiNoData: Int32 = -5

  @unsafe private static func numericHost(_ info: addrinfo) -> String? {
    let capacity = 64
    // SAFETY: the call writes at most the capacity, with a zero at the end.
    let text = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, written in
      written = 0
      unsafe buffer.withMemoryRebound(to: CChar.self) { buffer in
        let status = unsafe getnameinfo(
          info.ai_addr, info.ai_addrlen, buffer.baseAddress, socklen_t(capacity), nil, 0,
          NI_NUMERICHOST)
        if status == 0, let base = buffer.baseAddress { written = unsafe strlen(base) }
      }
    }
    return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
  }
}
