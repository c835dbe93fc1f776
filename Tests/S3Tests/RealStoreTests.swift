import Foundation
import ObjectStore
import TestSupport
import Testing

@testable import S3

/// What needs both a real server and a look inside.
@Suite struct RealStoreTests {
  private let name: ObjectName

  init() throws { name = try ObjectName("a/b") }

  private func configuration(_ server: S3Server) async throws -> S3Configuration {
    var configuration = S3Configuration(
      bucket: try await server.newBucket(), endpoint: "127.0.0.1:\(server.port)")
    configuration.isInsecure = true
    return configuration
  }

  @Test(arguments: [-7200, 7200] as [Int64])
  func `a clock that is hours wrong is corrected by the store's`(seconds: Int64) async throws {
    let server = try await S3Server.shared(.seaweedfs)
    let configuration = try await configuration(server)
    let requests = try TCPProxy(to: server.port)
    var counted = configuration
    counted.endpoint = "127.0.0.1:\(requests.port)"
    let chain = CredentialChain(
      [
        StaticCredentials(
          value: Credentials(
            accessKey: S3Server.accessKey, secretKey: S3Server.secretKey))
      ], now: { 0 })
    let client = S3Client(
      configuration: counted,
      transport: try HTTPTransport(
        counted.http, endpoint: S3Endpoint(counted, region: "us-east-1"),
        environment: { _ in nil }), credentials: chain,
      now: { (Int64(Date().timeIntervalSince1970) + seconds) * 1000 })
    let bucket = try S3Bucket(configuration: counted, client: client)
    try await bucket.write(Array("late".utf8), to: name)
    #expect(try await bucket.read(name) == Array("late".utf8))
    // The first request twice, the second one once.
    #expect(requests.requests.count == 3)
  }

  @Test func `a role's credentials come from the token service and sign requests`() async throws {
    try await withTemporaryDirectory { directory in
      let server = try await S3Server.shared(.moto)
      let token = directory + "/token"
      try Data("header.payload.signature".utf8).write(to: URL(fileURLWithPath: token))
      let variables = [
        "AWS_WEB_IDENTITY_TOKEN_FILE": token,
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/blocks",
        "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:\(server.port)",
      ]
      let proxy = try TCPProxy(to: server.port)
      var configuration = try await configuration(server)
      configuration.endpoint = "127.0.0.1:\(proxy.port)"
      let bucket = try S3Bucket(configuration: configuration, environment: { variables[$0] })
      try await bucket.write([1, 2], to: name)
      #expect(try await bucket.read(name) == [1, 2])
    }
  }

  @Test func `without a store the error names it, after the tries that are allowed`() async throws {
    var configuration = S3Configuration(bucket: "b", endpoint: "127.0.0.1:\(try freePort())")
    configuration.isInsecure = true
    configuration.attempts = 2
    configuration.accessKey = "a"
    configuration.secretKey = "b"
    let bucket = try S3Bucket(configuration: configuration, environment: { _ in nil })
    do {
      _ = try await bucket.read(name)
      Issue.record("nobody listens there")
    } catch {
      #expect(error.code == .transient)
      #expect(error.description.contains(configuration.endpoint), "\(error)")
      #expect(!error.description.contains("\n"))
    }
  }
}
