package import ObjectStore
internal import TransportSecurity

extension S3HTTPOptions {
  static let keys = [
    "idle_conn_timeout", "response_header_timeout", "insecure_skip_verify",
    "tls_handshake_timeout", "expect_continue_timeout", "max_idle_conns",
    "max_idle_conns_per_host", "max_conns_per_host", "tls_config", "disable_compression",
  ]

  /// Reads `http_config`.
  package static func parse(
    _ node: ConfigurationNode?, alsoKnown: [String] = []
  ) throws(ConfigurationError) -> S3HTTPOptions {
    var parsed = S3HTTPOptions()
    guard let node else { return parsed }
    let values = try StrictMapping(node, name: "http_config", known: keys + alsoKnown)
    parsed.idleTimeout = try values.duration("idle_conn_timeout") ?? parsed.idleTimeout
    parsed.answerTimeout = try values.duration("response_header_timeout") ?? parsed.answerTimeout
    // Read for mistakes only: a connection has 30 s in all, bodies are sent at once, and there is one
    // host.
    _ = try values.duration("tls_handshake_timeout")
    _ = try values.duration("expect_continue_timeout")
    _ = try values.number("max_idle_conns", in: 0...1_000_000)
    _ = try values.flag("disable_compression")
    let limit = 1...100_000
    let idle = try values.number("max_idle_conns_per_host", in: 0...limit.upperBound) ?? 0
    if idle > 0 { parsed.maxIdleConnections = idle }
    parsed.maxConnections =
      try values.number("max_conns_per_host", in: 0...limit.upperBound) ?? 0
    if let node = values["tls_config"] { parsed.tls = try ClientTLS(node, hasVersion: false) }
    if let skips = try values.flag("insecure_skip_verify") { parsed.tls.skipsVerification = skips }
    return parsed
  }
}
