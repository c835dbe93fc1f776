import ObjectStore
import Testing
import TransportSecurity

@testable import ServerRuntime

@Suite struct WebConfigurationTests {
  private static let hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"

  private func parse(_ text: String) throws -> WebConfiguration {
    try WebConfiguration.parse(yaml: text, directory: "/etc/web")
  }

  @Test(arguments: ["", "{}", "tls_server_config: {}", "tls_server_config: {cert_file: ''}"])
  func `nothing is secured by a document that says nothing`(text: String) throws {
    #expect(try parse(text) == WebConfiguration())
    #expect(try !parse(text).knowsItsClients)
  }

  @Test func `every key is read`() throws {
    let configuration = try parse(
      """
      tls_server_config:
        cert_file: a.crt
        key_file: /keys/a.key
        client_ca_file: c.crt
        client_auth_type: RequireAndVerifyClientCert
        client_allowed_sans: [one, two]
        min_version: TLS11
        max_version: TLS12
        cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
        prefer_server_cipher_suites: false
        curve_preferences: [CurveP256, X25519MLKEM768]
      http_server_config:
        http2: false
        headers:
          X-Frame-Options: SAMEORIGIN
          Content-Security-Policy: default-src 'self'
      basic_auth_users:
        alice: \(Self.hash)
      rate_limit: {interval: 250ms, burst: 3}
      """)
    var tls = TLSSettings(certificate: .file("/etc/web/a.crt"), key: .file("/keys/a.key"))
    tls.clientAuthority = .file("/etc/web/c.crt")
    tls.clientAuthentication = .verified
    tls.allowedClientNames = ["one", "two"]
    tls.minimumVersion = .tls11
    tls.maximumVersion = .tls12
    tls.ciphers = [try #require(CipherSuite(name: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"))]
    tls.groups = [
      try #require(KeyExchangeGroup(name: "CurveP256")),
      try #require(KeyExchangeGroup(name: "X25519MLKEM768")),
    ]
    tls.applicationProtocols = ["http/1.1"]
    #expect(configuration.tls == tls)
    #expect(configuration.users == ["alice": Self.hash])
    #expect(
      configuration.headers == [
        "X-Frame-Options": "SAMEORIGIN", "Content-Security-Policy": "default-src 'self'",
      ])
    #expect(configuration.rateLimit == RateLimit(interval: .milliseconds(250), burst: 3))
    #expect(configuration.knowsItsClients)
  }

  @Test func `an older spelling of a name is known`() throws {
    let tls = try parse(
      "tls_server_config: {cert: a, key: b, client_auth_type: RequireClientCert, "
        + "client_allowed_sans: [x]}"
    ).tls
    #expect(tls?.clientAuthentication == .anyRequired)
    #expect(try parse("rate_limit: {interval: 0s, burst: 3}").rateLimit == nil)
  }

  @Test func `so many requests come at once, then one in every interval`() {
    let allowance = RequestAllowance()
    let limit = RateLimit(interval: .seconds(2), burst: 3)
    let start = ContinuousClock.now
    func admitted(after seconds: Int, _ count: Int) -> Int {
      (0..<count).count { _ in allowance.admits(limit, now: start + .seconds(seconds)) }
    }
    #expect(admitted(after: 0, 10) == 3)
    #expect(admitted(after: 1, 10) == 0)
    #expect(admitted(after: 4, 10) == 2)
    #expect(admitted(after: 1000, 10) == 3)
    #expect(allowance.admits(nil))
  }

  @Test func `text in the document takes the place of files`() throws {
    let tls = try parse("tls_server_config: {cert: abc, key: def}").tls
    #expect(tls?.certificate == .text("abc"))
    #expect(tls?.key == .text("def"))
    #expect(tls?.minimumVersion == .tls12)
    #expect(tls?.applicationProtocols == ["h2", "http/1.1"])
  }

  @Test(arguments: [
    ("tls: {}", "line 1: unknown key \"tls\" in the web configuration"),
    ("tls_server_config: {key_file: a}", "needs both a certificate (cert_file) and its key"),
    ("tls_server_config: {cert_file: a, cert: b, key: c}", "either cert_file or cert"),
    (
      "tls_server_config: {cert: a, key: b, client_ca: c}",
      "a client_ca without client_auth_type protects nothing"
    ),
    ("tls_server_config: {cert: a, key: b, client_auth_type: Any}", "unknown client_auth_type"),
    ("tls_server_config: {cert: a, key: b, client_allowed_sans: [x]}", "client_allowed_sans needs"),
    ("tls_server_config: {cert: a, key: b, min_version: TLS1}", "unknown min_version \"TLS1\""),
    (
      "tls_server_config: {cert: a, key: b, min_version: TLS13, max_version: TLS12}",
      "min_version is above max_version"
    ),
    ("tls_server_config: {cert: a, key: b, cipher_suites: [RC4]}", "unknown name \"RC4\""),
    ("tls_server_config: {cert: a, key: b, curve_preferences: 3}", "must be a list"),
    (
      "tls_server_config: {cert: a, key: b, curve_preferences: [SecP256r1MLKEM768]}",
      "none of curve_preferences can be used"
    ),
    ("http_server_config: {http2: maybe}", "http2 must be true or false"),
    ("http_server_config: {headers: {X-Frame-Options: yes}}", "must be deny or sameorigin"),
    ("http_server_config: {headers: {X-XSS-Protection: \"a\\nb\"}}", "one line of ASCII"),
    ("basic_auth_users: [a]", "must be names and hashes"),
    ("rate_limit: {interval: soon}", "interval must be a duration"),
    ("rate_limit: {interval: 1s, burst: x}", "burst must be a number"),
    ("basic_auth_users: {bob: secret}", "needs a name and a bcrypt hash"),
    ("basic_auth_users: {bob: \"$2a$03$\"}", "needs a name and a bcrypt hash"),
  ])
  func `a mistake is named`(text: String, message: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try parse(text) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("secret") == false)
  }
}
