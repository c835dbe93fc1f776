internal import ObjectStore
internal import TransportSecurity

extension TLSSettings {
  private static let keys = [
    "cert_file", "key_file", "cert", "key", "client_ca_file", "client_ca", "client_auth_type",
    "client_allowed_sans", "min_version", "max_version", "cipher_suites",
    "prefer_server_cipher_suites", "curve_preferences",
  ]

  /// Reads a `tls_server_config`; nil for one that says nothing, which turns TLS off.
  static func parse(
    _ node: ConfigurationNode, directory: String
  ) throws(ConfigurationError) -> TLSSettings? {
    let fields = try StrictMapping(node, name: "tls_server_config", known: keys)
    let certificate = try source("cert", fields, directory)
    let key = try source("key", fields, directory)
    let authority = try source("client_ca", fields, directory)
    guard let certificate, let key else {
      if certificate == nil, key == nil, authority == nil,
        try fields.string("client_auth_type") == nil
      {
        return nil
      }
      throw ConfigurationError(
        line: fields.line,
        detail: "tls_server_config needs both a certificate (cert_file) and its key (key_file)")
    }
    var settings = TLSSettings(certificate: certificate, key: key)
    settings.clientAuthority = authority
    try settings.setClients(fields)
    try settings.setVersions(fields)
    settings.ciphers = try named("cipher_suites", fields, CipherSuite.names) {
      CipherSuite(name: $0)
    }
    settings.groups = try named("curve_preferences", fields, KeyExchangeGroup.names) {
      KeyExchangeGroup(name: $0)
    }
    if !settings.groups.isEmpty, !settings.groups.contains(where: \.isSupported) {
      throw ConfigurationError(
        line: fields["curve_preferences"]?.line,
        detail: "none of curve_preferences can be used here; add X25519")
    }
    // The server's order counts in any case.
    _ = try fields.flag("prefer_server_cipher_suites")
    return settings
  }

  private mutating func setClients(_ fields: StrictMapping) throws(ConfigurationError) {
    let line = fields["client_auth_type"]?.line ?? fields.line
    let text = try fields.string("client_auth_type") ?? ""
    // One of the names has an older spelling.
    let name = [
      "": ClientAuthentication.none.rawValue,
      "RequireClientCert": ClientAuthentication.anyRequired.rawValue,
    ][text]
    guard let type = ClientAuthentication(rawValue: name ?? text) else {
      throw ConfigurationError(
        line: line,
        detail: "unknown client_auth_type \"\(text)\"; use "
          + ClientAuthentication.allCases.map(\.rawValue).joined(separator: ", "))
    }
    clientAuthentication = type
    if clientAuthority != nil, type == .none {
      throw ConfigurationError(
        line: line,
        detail: "a client_ca without client_auth_type protects nothing; write "
          + "\"client_auth_type: RequireAndVerifyClientCert\"")
    }
    allowedClientNames = try fields.strings("client_allowed_sans")
    if !allowedClientNames.isEmpty, type != .verified, type != .anyRequired {
      throw ConfigurationError(
        line: fields["client_allowed_sans"]?.line,
        detail: "client_allowed_sans needs \"client_auth_type: RequireAndVerifyClientCert\"")
    }
  }

  private mutating func setVersions(_ fields: StrictMapping) throws(ConfigurationError) {
    minimumVersion = try Self.version("min_version", fields) ?? .tls12
    maximumVersion = try Self.version("max_version", fields) ?? .tls13
    guard minimumVersion <= maximumVersion else {
      throw ConfigurationError(
        line: fields["min_version"]?.line ?? fields["max_version"]?.line,
        detail: "min_version is above max_version")
    }
  }

  private static func version(
    _ key: String, _ fields: StrictMapping
  ) throws(ConfigurationError) -> ProtocolVersion? {
    guard let text = try fields.string(key), !text.isEmpty else { return nil }
    guard let version = ProtocolVersion(goName: text) else {
      throw ConfigurationError(
        line: fields[key]?.line,
        detail: "unknown \(key) \"\(text)\"; use TLS10, TLS11, TLS12 or TLS13")
    }
    return version
  }

  /// `NAME_file: PATH` or `NAME: TEXT`; nil where both are missing.
  private static func source(
    _ name: String, _ fields: StrictMapping, _ directory: String
  ) throws(ConfigurationError) -> Source? {
    let path = try fields.string(name + "_file").flatMap { $0.isEmpty ? nil : $0 }
    let text = try fields.string(name).flatMap { $0.isEmpty ? nil : $0 }
    switch (path, text) {
    case (nil, nil): return nil
    case (nil, let text?): return .text(text)
    case (let path?, nil): return .file(path.hasPrefix("/") ? path : directory + "/" + path)
    case (.some, .some):
      throw ConfigurationError(
        line: fields[name]?.line, detail: "give either \(name)_file or \(name), not both")
    }
  }

  private static func named<Value>(
    _ key: String, _ fields: StrictMapping, _ names: [String], _ make: (String) -> Value?
  ) throws(ConfigurationError) -> [Value] {
    var values: [Value] = []
    for text in try fields.strings(key) {
      guard let value = make(text) else {
        throw ConfigurationError(
          line: fields[key]?.line,
          detail: "unknown name \"\(text)\" in \(key); known are \(names.joined(separator: ", "))")
      }
      values.append(value)
    }
    return values
  }
}
