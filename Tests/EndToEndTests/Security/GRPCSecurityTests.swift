import Foundation
import TestSupport
import Testing

/// TLS on the gRPC port, as clients of another make see it.
@Suite(.serialized) struct GRPCSecurityTests {
  /// What `info` prints, or why the call failed.
  private func ask(
    _ gateway: Gateway, ca: String? = nil, client: CertificateAuthority.Issued? = nil
  ) async throws -> ProcessResult {
    try await runInBackground(
      "/usr/bin/python3",
      [
        packageRoot + "/Scripts/storeapi_client.py", "--address",
        "localhost:\(gateway.client.port)",
      ]
        + (ca.map { ["--ca", $0] } ?? [])
        + (client.map { ["--cert", $0.certificate, "--key", $0.key] } ?? []) + ["info"])
  }

  private func flags(
    _ server: CertificateAuthority.Issued, clients: String? = nil, more: [String] = []
  ) -> [String] {
    ["--grpc-server-tls-cert=\(server.certificate)", "--grpc-server-tls-key=\(server.key)"]
      + (clients.map { ["--grpc-server-tls-client-ca=\($0)"] } ?? []) + more
  }

  /// Runs `body` with a gateway over an empty bucket.
  private func withGateway(
    in directory: String, _ flags: [String], _ body: (Gateway) async throws -> Void
  ) async throws {
    let bucket = directory + "/bucket"
    try FileManager.default.createDirectory(atPath: bucket, withIntermediateDirectories: true)
    let gateway = try await Gateway.start(bucket, flags: flags)
    try await body(gateway)
    #expect(await gateway.stop() == 0)
  }

  /// What `openssl s_client` says of the gRPC port.
  private func handshake(_ gateway: Gateway, _ arguments: [String]) async throws -> ProcessResult {
    try await runInBackground(
      "/usr/bin/openssl",
      ["s_client", "-connect", "127.0.0.1:\(gateway.client.port)", "-alpn", "h2"] + arguments)
  }

  @Test func `only clients with a certificate of the authority are answered`() async throws {
    try await withTemporaryDirectory { directory in
      let ours = try CertificateAuthority("ours", in: directory)
      let others = try CertificateAuthority("others", in: directory)
      let client = try ours.issue("client")
      let stranger = try others.issue("stranger")
      try await withGateway(
        in: directory, flags(try ours.issue("server"), clients: ours.certificate)
      ) { gateway in
        let right = try await ask(gateway, ca: ours.certificate, client: client)
        #expect(right.status == 0, "\(right.errorText)")
        #expect(right.outputText.contains("store"))
        for refused in [
          try await ask(gateway, ca: ours.certificate),
          try await ask(gateway, ca: ours.certificate, client: stranger),
          try await ask(gateway, ca: others.certificate, client: client),
          try await ask(gateway),
        ] {
          #expect(refused.status == 1)
          #expect(refused.errorText.contains("UNAVAILABLE"), "\(refused.errorText)")
        }
        var random = SeededRandom(seed: 1)
        for length in [1, 5, 200, 20_000] {
          let connection = try RawConnection(port: gateway.client.port)
          // The head of a handshake, and noise.
          try? connection.send(
            [22, 3, 1] + (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) })
          connection.close()
        }
        // None of them harmed the server.
        #expect(try await ask(gateway, ca: ours.certificate, client: client).status == 0)
      }
    }
  }

  @Test func `new connections get the new certificate and open streams go on`() async throws {
    try await withTemporaryDirectory { directory in
      let ours = try CertificateAuthority("ours", in: directory)
      let issued = try ours.issue("server")
      try await withGateway(in: directory, flags(issued)) { gateway in
        struct Outcome: Decodable {
          var states: [String]
          var failures: [String]
        }
        async let watching = runInBackground(
          "/usr/bin/python3",
          [
            packageRoot + "/Scripts/storeapi_client.py", "--address",
            "localhost:\(gateway.client.port)", "--ca", ours.certificate, "ping", "--seconds=8",
            "--interval=5",
          ])
        func subject() async throws -> String {
          try await handshake(gateway, []).outputText.split(separator: "\n")
            .first { $0.hasPrefix("subject=") }.map(String.init) ?? ""
        }
        #expect(try await subject() == "subject=CN = server")
        // One that the stream was opened before.
        try await Task.sleep(for: .seconds(3))
        try ours.issue("second").replace(issued)
        #expect(try await subject() == "subject=CN = second")

        try Data("no certificate".utf8).write(to: URL(fileURLWithPath: issued.certificate))
        for _ in 0..<3 { #expect(try await subject() == "subject=CN = second") }
        func complaints() -> Int {
          gateway.program.errors.components(separatedBy: "cannot use the new certificate").count - 1
        }
        #expect(complaints() == 1)
        gateway.program.send(signal: SIGHUP)
        try await gateway.program.wait {
          gateway.program.errors.contains("cannot reload; what was read before stays")
        }
        #expect(complaints() == 1)
        #expect(try await subject() == "subject=CN = second")

        try ours.issue("third").replace(issued)
        gateway.program.send(signal: SIGHUP)
        try await gateway.program.wait {
          gateway.program.errors.contains("reloaded what=\"the certificate of gRPC\"")
        }
        #expect(try await subject() == "subject=CN = third")

        let outcome = try JSONDecoder().decode(
          Outcome.self, from: Data(try await watching.requireSuccess().output))
        #expect(outcome.states == ["READY"])
        #expect(outcome.failures == [])
      }
    }
  }

  @Test(arguments: [
    ([], "-tls1_2", false), ([], "-tls1_3", true),
    (["--grpc-server-tls-min-version=1.2"], "-tls1_2", true),
    (["--grpc-server-tls-min-version=1.2"], "-tls1_1", false),
  ])
  func `versions below the least are refused`(
    more: [String], version: String, isTaken: Bool
  ) async throws {
    try await withTemporaryDirectory { directory in
      let server = try CertificateAuthority("ours", in: directory).issue("server")
      try await withGateway(in: directory, flags(server, more: more)) { gateway in
        let answer = try await handshake(gateway, [version])
        #expect((answer.status == 0) == isTaken)
      }
    }
  }

  @Test func `ciphers and curves are those of the flags`() async throws {
    try await withTemporaryDirectory { directory in
      let server = try CertificateAuthority("ours", in: directory).issue("server")
      let more = [
        "--grpc-server-tls-min-version=1.2",
        "--grpc-server-tls-ciphers=TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "--grpc-server-tls-curves=CurveP384", "--grpc-server-tls-curves=SecP256r1MLKEM768",
      ]
      try await withGateway(in: directory, flags(server, more: more)) { gateway in
        let chosen = try await handshake(gateway, ["-tls1_2"]).outputText
        #expect(chosen.contains("Cipher is ECDHE-ECDSA-CHACHA20-POLY1305"))
        #expect(chosen.contains("Server Temp Key: ECDH, secp384r1"))
        #expect(chosen.contains("ALPN protocol: h2"))
        #expect(
          try await handshake(gateway, ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"])
            .status != 0)
        #expect(try await handshake(gateway, ["-groups", "X25519"]).status != 0)
        #expect(gateway.program.errors.contains("curve=SecP256r1MLKEM768"))
      }
    }
  }

  @Test func `flags that cannot protect end the program with a line`() async throws {
    try await withTemporaryDirectory { directory in
      let authority = try CertificateAuthority("ours", in: directory)
      let server = try authority.issue("server")
      let other = try authority.issue("other")
      for (flags, text) in [
        (
          ["--grpc-server-tls-cert=\(server.certificate)"],
          "--grpc-server-tls-cert and --grpc-server-tls-key belong together"
        ),
        (
          ["--grpc-server-tls-client-ca=\(authority.certificate)"],
          "--grpc-server-tls-client-ca needs --grpc-server-tls-cert"
        ),
        (
          ["--grpc-server-tls-cert=/none", "--grpc-server-tls-key=\(server.key)"],
          "cannot read the certificate /none: no such file or directory"
        ),
        (
          [
            "--grpc-server-tls-cert=\(server.certificate)", "--grpc-server-tls-key=\(other.key)",
          ], "does not belong to the certificate"
        ),
        (["--grpc-server-tls-min-version=1.4"], "use 1.0, 1.1, 1.2 or 1.3"),
        (["--grpc-server-tls-ciphers=RC4"], "known are TLS_"),
      ] {
        let program = try RunningProgram(
          "store-gateway",
          [
            "--objstore.config={type: FILESYSTEM, config: {directory: \(directory)}}",
            "--data-dir=\(directory)/data", "--grpc-address=127.0.0.1:0",
            "--http-address=127.0.0.1:0",
          ] + flags)
        #expect(await program.waitForExit() == 1)
        #expect(program.errors.contains(text), "\(program.errors)")
        #expect(program.errors.split(separator: "\n").count == 1, "\(program.errors)")
      }
    }
  }
}
