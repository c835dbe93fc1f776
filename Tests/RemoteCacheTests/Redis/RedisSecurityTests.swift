import Foundation
import ObjectStore
import TestSupport
import Testing

@testable import RemoteCache

@Suite(.serialized) struct RedisSecurityTests {
  /// An authority, and a certificate of it for `localhost`.
  private func certificates(_ directory: String) throws {
    let script = """
      set -e
      cd '\(directory)'
      openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem
      openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key.pem -out request.pem
      printf 'subjectAltName=DNS:localhost' > names
      openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
        -extfile names -out cert.pem
      chmod -R a+rX .
      """
    _ = try runProcess("sh", ["-c", script]).requireSuccess()
  }

  private func server(_ directory: String, clients: String) async throws -> CacheProgram {
    let port = try freePort()
    return try await CacheProgram.redis(
      port: port,
      [
        "--port", "0", "--tls-port", "\(port)", "--tls-cert-file", directory + "/cert.pem",
        "--tls-key-file", directory + "/key.pem", "--tls-ca-cert-file", directory + "/ca.pem",
        "--tls-auth-clients", clients,
      ])
  }

  private func client(_ server: CacheProgram, _ tls: String) throws -> RedisClient {
    try redis(
      "{addr: \"localhost:\(server.port)\", read_timeout: 10s, tls_enabled: true, tls_config: {\(tls)}}"
    )
  }

  @Test func `connections are encrypted, and servers are verified`() async throws {
    try await withTemporaryDirectory { directory in
      try certificates(directory)
      let server = try await server(directory, clients: "no")
      let right = try client(server, "ca_file: \(directory)/ca.pem")
      right.store([("k", [1])], lifetime: .seconds(60))
      #expect(await right.waitFor(["k"]) == [[1]])
      #expect(await (try client(server, "insecure_skip_verify: true")).waitFor(["k"]) == [[1]])
      for wrong in ["", "ca_file: \(directory)/ca.pem, server_name: elsewhere"] {
        #expect(await (try client(server, wrong)).fetch(["k"]) == [nil])
      }
      let plain = try redis("{addr: \"localhost:\(server.port)\", read_timeout: 1s}")
      #expect(await plain.fetch(["k"]) == [nil])
    }
  }

  @Test func `a server may ask for a certificate`() async throws {
    try await withTemporaryDirectory { directory in
      try certificates(directory)
      let server = try await server(directory, clients: "yes")
      let files = "cert_file: \(directory)/cert.pem, key_file: \(directory)/key.pem"
      let right = try client(server, "ca_file: \(directory)/ca.pem, \(files)")
      right.store([("k", [1])], lifetime: .seconds(60))
      #expect(await right.waitFor(["k"]) == [[1]])
      #expect(await (try client(server, "ca_file: \(directory)/ca.pem")).fetch(["k"]) == [nil])
    }
  }

  @Test func `files that cannot be used are named`() async throws {
    func check(_ tls: String) async throws -> String? {
      let node = try ConfigurationNode.root(
        ofYAML: "{addr: \"a:1\", tls_enabled: true, tls_config: {\(tls)}}")
      let configuration = try RedisConfiguration(node, line: nil)
      do {
        try await configuration.checkFiles()
        return nil
      } catch {
        return error.description
      }
    }
    #expect(
      try await check("ca_file: /nowhere")
        == "ca_file /nowhere cannot be read, or holds no certificates in PEM")
    #expect(
      try await check("cert_file: /nowhere, key_file: /nowhere")
        == "cert_file /nowhere cannot be read, or holds no certificates in PEM")
    #expect(try await check("") == nil)
  }
}
