package import ObjectStore

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
    parsed.handshakeTimeout =
      try values.duration("tls_handshake_timeout") ?? parsed.handshakeTimeout
    // Read for mistakes only: bodies are sent at once, and there is one host.
    _ = try values.duration("expect_continue_timeout")
    _ = try values.number("max_idle_conns", in: 0...1_000_000)
    _ = try values.flag("disable_compression", default: false)
    let limit = 1...100_000
    let idle = try values.number("max_idle_conns_per_host", in: 0...limit.upperBound) ?? 0
    if idle > 0 { parsed.maxIdleConnections = idle }
    parsed.maxConnections =
      try values.number("max_conns_per_host", in: 0...limit.upperBound) ?? 0
    if let tls = values["tls_config"] { try parsed.readTLS(tls) }
    if values["insecure_skip_verify"] != nil {
      parsed.skipsVerification = try values.flag("insecure_skip_verify", default: false)
    }
    return parsed
  }

  private mutating func readTLS(_ node: ConfigurationNode) throws(ConfigurationError) {
    let values = try StrictMapping(
      node, name: "tls_config",
      known: ["ca_file", "cert_file", "key_file", "server_name", "insecure_skip_verify"])
    caFile = try values.string("ca_file") ?? ""
    certificateFile = try values.string("cert_file") ?? ""
    keyFile = try values.string("key_file") ?? ""
    serverName = try values.string("server_name") ?? ""
    skipsVerification = try values.flag("insecure_skip_verify", default: false)
    guard certificateFile.isEmpty == keyFile.isEmpty else {
      throw ConfigurationError(
        line: values.line, detail: "tls_config needs both cert_file and key_file, or none")
    }
  }
}
