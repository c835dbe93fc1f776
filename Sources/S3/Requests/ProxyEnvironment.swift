internal import AsyncHTTPClient

/// The proxy that the environment names for a host: HTTPS_PROXY, HTTP_PROXY, NO_PROXY, in capital
/// or small letters.
struct ProxyEnvironment {
  private let environment: (String) -> String?

  init(_ environment: @escaping (String) -> String?) { self.environment = environment }

  func proxy(scheme: String, authority: String) -> HTTPClient.Configuration.Proxy? {
    guard let text = variable("\(scheme)_proxy"), !isExcepted(authority),
      let server = Self.server(text)
    else { return nil }
    guard !text.lowercased().hasPrefix("socks5") else {
      return .socksServer(host: server.host, port: server.port ?? 1080)
    }
    return .server(
      host: server.host, port: server.port ?? 80,
      authorization: server.login.map { login in
        let parts = login.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return .basic(
          username: URIEncoding.decode(String(parts[0])),
          password: parts.count > 1 ? URIEncoding.decode(String(parts[1])) : "")
      })
  }

  private func variable(_ name: String) -> String? {
    let value = environment(name.uppercased()) ?? environment(name)
    return value.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Hosts without a proxy: this one, and those that NO_PROXY lists, alone or by their domain.
  private func isExcepted(_ authority: String) -> Bool {
    let host = S3Endpoint.host(authority).lowercased()
    if host == "localhost" || host.hasPrefix("127.") || host == "[::1]" { return true }
    for entry in (variable("no_proxy") ?? "").split(separator: ",") {
      var pattern = entry.trimmed.lowercased()
      if pattern == "*" || pattern == authority.lowercased() { return true }
      if pattern.hasPrefix("*.") { pattern.removeFirst() }
      if pattern.hasPrefix(".") {
        if host.hasSuffix(pattern) { return true }
      } else if !pattern.isEmpty, host == pattern || host.hasSuffix("." + pattern) {
        return true
      }
    }
    return false
  }

  private static func server(_ text: String) -> (host: String, port: Int?, login: String?)? {
    var rest = text[...]
    for scheme in ["http://", "https://", "socks5://", "socks5h://"]
    where rest.lowercased().hasPrefix(scheme) {
      rest = rest.dropFirst(scheme.count)
    }
    rest = rest.prefix { $0 != "/" }
    var login: String?
    if let sign = rest.lastIndex(of: "@") {
      login = String(rest[..<sign])
      rest = rest[rest.index(after: sign)...]
    }
    guard S3Endpoint.isAuthority(String(rest)) else { return nil }
    let host = S3Endpoint.host(String(rest))
    let port = rest.count > host.count ? Int(rest.dropFirst(host.count + 1)) : nil
    return (String(host), port, login)
  }
}
