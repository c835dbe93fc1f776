public import ObjectStore
internal import TransportSecurity

/// The document behind `--http.config`, in the form of Prometheus' exporter toolkit: TLS,
/// passwords and headers of the HTTP server.
///
///     tls_server_config:
///       cert_file: server.crt              paths begin at the directory of the document
///       key_file: server.key               cert, key and client_ca hold PEM text instead
///       client_ca_file: clients.crt
///       client_auth_type: RequireAndVerifyClientCert
///       client_allowed_sans: [prometheus]
///       min_version: TLS12
///       max_version: TLS13
///       cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
///       prefer_server_cipher_suites: true
///       curve_preferences: [X25519]
///     http_server_config:
///       http2: true
///       headers: {X-Frame-Options: deny}
///     basic_auth_users:
///       alice: $2y$10$…
///     rate_limit:
///       interval: 100ms
///       burst: 20
public struct WebConfiguration: Equatable, Sendable {
  /// Nil for connections that anybody can read.
  var tls: TLSSettings?
  /// Hashes of passwords by the names of users; anybody may ask where there are none.
  var users: [String: String] = [:]
  /// Headers of every answer.
  var headers: [String: String] = [:]
  /// How many requests are taken; any number without it.
  var rateLimit: RateLimit?

  /// Nothing is secured.
  public init() {}

  /// Whether nobody gets an answer without a password or a certificate.
  public var knowsItsClients: Bool {
    !users.isEmpty || tls?.clientAuthentication == .verified
  }

  /// Reads the document strictly.
  ///
  /// - Parameter directory: where relative paths begin.
  public static func parse(
    yaml text: String, directory: String
  ) throws(ConfigurationError) -> WebConfiguration {
    var configuration = WebConfiguration()
    guard let node = try ConfigurationNode.root(ofYAML: text), !node.isNull else {
      return configuration
    }
    let root = try StrictMapping(
      node, name: "the web configuration",
      known: ["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"])
    var allowsHTTP2 = true
    if let server = root["http_server_config"] {
      let fields = try StrictMapping(
        server, name: "http_server_config", known: ["http2", "headers"])
      allowsHTTP2 = try fields.flag("http2") ?? true
      configuration.headers = try WebHeaders.parse(fields["headers"])
    }
    if let section = root["tls_server_config"] {
      configuration.tls = try TLSSettings.parse(section, directory: directory)
      configuration.tls?.applicationProtocols = allowsHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"]
    }
    if let users = root["basic_auth_users"] { configuration.users = try parse(users: users) }
    if let limit = root["rate_limit"] { configuration.rateLimit = try RateLimit.parse(limit) }
    return configuration
  }

  private static func parse(
    users node: ConfigurationNode
  ) throws(ConfigurationError) -> [String: String] {
    guard let members = node.members else {
      throw ConfigurationError(
        line: node.line, detail: "basic_auth_users must be names and hashes of passwords")
    }
    var users: [String: String] = [:]
    for (name, hash) in members {
      guard let user = name.text, !user.isEmpty, !user.contains(":"), let text = hash.text,
        PasswordHash(text) != nil
      else {
        // The value is not repeated: it may be a password that somebody forgot to hash.
        throw ConfigurationError(
          line: name.line,
          detail: "a user of basic_auth_users needs a name and a bcrypt hash, as made by "
            + "\"htpasswd -nBC 10 NAME\"")
      }
      guard users.updateValue(text, forKey: user) == nil else {
        throw ConfigurationError(line: name.line, detail: "the user \"\(user)\" is given twice")
      }
    }
    return users
  }
}

extension StrictMapping {
  /// The texts of a list; empty where the key is missing.
  func strings(_ key: String) throws(ConfigurationError) -> [String] {
    guard let node = self[key] else { return [] }
    guard let elements = node.elements else {
      throw ConfigurationError(line: node.line, detail: "\(key) must be a list")
    }
    var texts: [String] = []
    for element in elements {
      guard let text = element.text else {
        throw ConfigurationError(line: element.line, detail: "\(key) must be a list of texts")
      }
      texts.append(text)
    }
    return texts
  }
}
