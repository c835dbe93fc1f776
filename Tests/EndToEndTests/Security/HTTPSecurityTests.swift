import Foundation
import TestSupport
import Testing

/// `--http.config`, as curl sees it.
@Suite(.serialized) struct HTTPSecurityTests {
  /// Of the password `secret`, with the least cost there is.
  private static let hash = "$2y$04$q1mA6Q6lxCLE8MqW1vWPSeSnOhu/paxxEoLy7rGpbyTW8pfFqQgg2"

  private struct Page {
    var status: Int
    var version: String
    var headers: String
    var body: String
  }

  /// Asks with curl; status 0 where there was no answer.
  private func curl(
    _ port: Int, _ path: String = "/-/healthy", _ arguments: [String] = [], scheme: String = "https"
  ) async throws -> Page {
    let result = try await runInBackground(
      "/usr/bin/curl",
      [
        "--silent", "--max-time", "20", "--dump-header", "/dev/stderr", "--write-out",
        "\n%{http_code} %{http_version}",
      ] + arguments + ["\(scheme)://localhost:\(port)\(path)"])
    let text = result.outputText
    let end = text.lastIndex(of: "\n") ?? text.startIndex
    let words = text[end...].split(separator: " ")
    return Page(
      status: Int(words.first?.dropFirst(1) ?? "") ?? Int(words.first ?? "") ?? 0,
      version: String(words.last ?? ""), headers: result.errorText.lowercased(),
      body: String(text[..<end]))
  }

  /// Runs `body` with a compactor that waits for work, which none is there.
  private func with(
    _ configuration: String, in directory: String, flags: [String] = [],
    program name: String = "compact", _ body: (RunningProgram, Int) async throws -> Void
  ) async throws {
    try write(configuration, to: directory + "/web.yml")
    try FileManager.default.createDirectory(
      atPath: directory + "/bucket", withIntermediateDirectories: true)
    let port = try freePort()
    let own =
      name == "compact" ? ["--wait"] : ["--grpc-address=127.0.0.1:\(try freePort())"]
    let program = try RunningProgram(
      name,
      own + [
        "--objstore.config={type: FILESYSTEM, config: {directory: \(directory)/bucket}}",
        "--data-dir=\(directory)/data", "--http-address=127.0.0.1:\(port)",
        "--http.config=\(directory)/web.yml",
      ] + flags)
    try await program.wait { program.errors.contains("listening for HTTP") }
    try await body(program, port)
    program.send(signal: SIGTERM)
    #expect(await program.waitForExit() == 0)
  }

  private func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
  }

  @Test(arguments: ["compact", "store-gateway"])
  func `TLS, passwords and headers hold for every path, and HTTP/2 is spoken`(
    program: String
  ) async throws {
    try await withTemporaryDirectory { directory in
      let authority = try CertificateAuthority("ours", in: directory)
      _ = try authority.issue("server")
      try await with(
        """
        tls_server_config: {cert_file: server.crt, key_file: server.key}
        http_server_config:
          headers: {X-Frame-Options: deny, Strict-Transport-Security: max-age=60}
        basic_auth_users: {alice: \(Self.hash)}
        """, in: directory, flags: ["--enable-admin-operations"], program: program
      ) { running, port in
        let trust = ["--cacert", authority.certificate]
        for path in ["/-/healthy", "/-/ready", "/metrics", "/", "/api/v1/status/flags"] {
          let refused = try await curl(port, path, trust)
          #expect(refused.status == 401, "\(path)")
          #expect(refused.headers.contains("www-authenticate: basic"))
          #expect(refused.headers.contains("x-frame-options: deny"))
          let taken = try await curl(port, path, trust + ["--user", "alice:secret"])
          #expect([200, 503].contains(taken.status), "\(path)")
          #expect(taken.version == "2")
          #expect(taken.headers.contains("strict-transport-security: max-age=60"))
        }
        for user in ["alice:wrong", "alice:", "bob:secret", ":secret"] {
          #expect(try await curl(port, "/metrics", trust + ["--user", user]).status == 401)
        }
        let old = try await curl(port, "/metrics", trust + ["--user", "alice:secret", "--http1.1"])
        #expect(old.version == "1.1")
        #expect(old.body.contains("blockhouse_http_requests_refused_total 9\n"))
        #expect(try await curl(port, scheme: "http").status == 0)
        #expect(try await curl(port, "/-/healthy", ["--user", "alice:secret"]).status == 0)
        #expect(!running.errors.contains("anybody who reaches the HTTP port"))
        #expect(!running.errors.contains("secret"))
      }
    }
  }

  @Test(arguments: ["compact", "store-gateway"])
  func `without a password marking is refused where others can connect`(name: String) async throws {
    try await withTemporaryDirectory { directory in
      let result = try await runInBackground(
        try builtProgram(name),
        [
          "--objstore.config={type: FILESYSTEM, config: {directory: \(directory)}}",
          "--data-dir=\(directory)/data", "--http-address=0.0.0.0:0", "--enable-admin-operations",
        ] + (name == "compact" ? ["--wait"] : ["--grpc-address=127.0.0.1:0"]))
      #expect(result.status == 1)
      #expect(result.errorText.contains("give --http.config with passwords or client certificates"))
      try write("{}", to: directory + "/web.yml")
      let open = try await runInBackground(
        try builtProgram(name),
        [
          "--objstore.config={type: FILESYSTEM, config: {directory: \(directory)}}",
          "--data-dir=\(directory)/data", "--http-address=0.0.0.0:0", "--enable-admin-operations",
          "--http.config=\(directory)/web.yml",
        ] + (name == "compact" ? ["--wait"] : ["--grpc-address=127.0.0.1:0"]))
      #expect(open.status == 1)
      #expect(open.errorText.contains("has neither passwords nor client certificates"))
    }
  }

  @Test func `on this machine marking is possible without a password, with a warning`() async throws
  {
    try await withTemporaryDirectory { directory in
      try await with("{}", in: directory, flags: ["--enable-admin-operations"]) { running, port in
        let page = try await curl(port, scheme: "http")
        #expect(page.status == 200)
        #expect(running.errors.contains("anybody who reaches the HTTP port may mark blocks"))
      }
    }
  }

  /// The five values, and whether a client without a certificate, one that a stranger signed, and
  /// one of ours get an answer.
  @Test(arguments: [
    ("NoClientCert", true, true, true), ("RequestClientCert", true, true, true),
    ("RequireAnyClientCert", false, true, true), ("VerifyClientCertIfGiven", true, false, true),
    ("RequireAndVerifyClientCert", false, false, true),
  ])
  func `clients are asked for certificates as configured`(
    type: String, without: Bool, stranger: Bool, ours: Bool
  ) async throws {
    try await withTemporaryDirectory { directory in
      let authority = try CertificateAuthority("ours", in: directory)
      let others = try CertificateAuthority("others", in: directory)
      _ = try authority.issue("server")
      let client = try authority.issue("client")
      let foreign = try others.issue("foreign")
      let authorityLine = type == "NoClientCert" ? "" : "client_ca_file: ours.crt,"
      try await with(
        """
        tls_server_config:
          {cert_file: server.crt, key_file: server.key, \(authorityLine) client_auth_type: \(type)}
        """, in: directory
      ) { _, port in
        let trust = ["--cacert", authority.certificate]
        func answers(_ pair: CertificateAuthority.Issued?) async throws -> Bool {
          try await curl(
            port, "/-/healthy",
            trust + (pair.map { ["--cert", $0.certificate, "--key", $0.key] } ?? [])
          ).status == 200
        }
        let answered = [
          try await answers(nil), try await answers(foreign), try await answers(client),
        ]
        #expect(answered == [without, stranger, ours])
      }
    }
  }

  @Test func `a client needs one of the allowed names`() async throws {
    try await withTemporaryDirectory { directory in
      let authority = try CertificateAuthority("ours", in: directory)
      _ = try authority.issue("server")
      try await with(
        """
        tls_server_config:
          cert_file: server.crt
          key_file: server.key
          client_ca_file: ours.crt
          client_auth_type: RequireAndVerifyClientCert
          client_allowed_sans: [prometheus, 10.1.2.3, "spiffe://a/b"]
        """, in: directory
      ) { _, port in
        for (number, names, isAllowed) in [
          (1, "DNS:prometheus", true), (2, "DNS:other,IP:10.1.2.3", true),
          (3, "URI:spiffe://a/b", true), (4, "DNS:prometheus.evil", false),
          (5, "URI:prometheus2,email:a@b", false),
        ] {
          let pair = try authority.issue("client\(number)", names: names)
          let page = try await curl(
            port, "/-/healthy",
            [
              "--cacert", authority.certificate, "--cert", pair.certificate, "--key", pair.key,
            ])
          #expect((page.status == 200) == isAllowed, "\(names)")
        }
      }
    }
  }

  @Test func `changes of certificates, users and headers are seen, mistakes are not`()
    async throws
  {
    try await withTemporaryDirectory { directory in
      let ours = try CertificateAuthority("ours", in: directory)
      let next = try CertificateAuthority("next", in: directory)
      let server = try ours.issue("server")
      let tls = "tls_server_config: {cert_file: server.crt, key_file: server.key}\n"
      try await with(tls, in: directory) { program, port in
        #expect(try await curl(port, "/metrics", ["--cacert", ours.certificate]).status == 200)
        try next.issue("renewed").replace(server)
        #expect(try await curl(port, "/metrics", ["--cacert", ours.certificate]).status == 0)
        let trust = ["--cacert", next.certificate]
        #expect(try await curl(port, "/metrics", trust).status == 200)

        try write(tls + "basic_auth_users: {bob: \(Self.hash)}\n", to: directory + "/web.yml")
        #expect(try await curl(port, "/metrics", trust).status == 401)
        let bob = trust + ["--user", "bob:secret"]
        #expect(try await curl(port, "/metrics", bob).status == 200)

        try write(tls + "basic_auth_users: {bob: secret}\n", to: directory + "/web.yml")
        for _ in 0..<3 {
          #expect(try await curl(port, "/metrics", trust).status == 401)
          #expect(try await curl(port, "/metrics", bob).status == 200)
        }
        let errors = program.errors
        #expect(
          errors.components(separatedBy: "cannot use the new web configuration").count == 2)
        #expect(
          errors.contains("line 2: a user of basic_auth_users needs a name and a bcrypt hash"))
        #expect(!errors.contains("bob: secret"))

        try write("{}", to: directory + "/web.yml")
        let answer = try await curl(port, "/-/reload", bob + ["--request", "POST"])
        #expect(answer.status == 500)
        #expect(answer.body.contains("restart the program to turn TLS on or off"))
        #expect(try await curl(port, "/metrics", trust).status == 401)
      }
    }
  }

  @Test(arguments: [
    ("tls_server_config: {cert_file: a}", "needs both a certificate (cert_file) and its key"),
    ("basic_auth_user: {}", "did you mean \"basic_auth_users\"?"),
    ("http_server_config: {headers: {X-Evil: a}}", "unknown key \"X-Evil\" in headers"),
    ("tls_server_config: {cert_file: a, key_file: b}", "cannot read the certificate"),
  ])
  func `a web configuration that cannot be used ends the program with a line`(
    text: String, message: String
  ) async throws {
    try await withTemporaryDirectory { directory in
      try write(text, to: directory + "/web.yml")
      let program = try RunningProgram(
        "compact",
        [
          "--wait", "--objstore.config={type: FILESYSTEM, config: {directory: \(directory)}}",
          "--data-dir=\(directory)/data", "--http-address=127.0.0.1:0",
          "--http.config=\(directory)/web.yml", "--log.level=error",
        ])
      #expect(await program.waitForExit() == 1)
      #expect(program.errors.contains(message), "\(program.errors)")
      #expect(program.errors.hasPrefix("compact: --http.config"), "\(program.errors)")
    }
  }
}
