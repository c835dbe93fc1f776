import Foundation
import TestSupport
import Testing

/// What clients do that mean no good, and what becomes of the gateway: nothing.
@Suite(.serialized) struct HostileClientTests {
  private struct End: Decodable {
    var status: String?
    var text: String?
    var end: String?
  }

  private func expectAnswer(_ gateway: Gateway) async throws {
    #expect(try await gateway.client.run(["health"], as: String.self) == "SERVING")
    #expect(gateway.program.isRunning)
  }

  @Test func `messages that grow beyond the limit when decompressed are refused`() async throws {
    try await withGateway { gateway, _ in
      let memory = try PeakMemory(of: gateway.program)
      for (kind, status) in [
        ("snappy", "8"), ("damaged", "13"), ("claim", "8"), ("empty", "0"),
      ] {
        let end: End = try await byHand(gateway, ["bomb", "--kind", kind])
        #expect(end.status == status, "\(kind) \(end)")
      }
      // The library hangs up on the stream.
      let end: End = try await byHand(gateway, ["bomb", "--kind", "gzip"])
      #expect(end.end?.hasPrefix("reset") == true, "\(end)")
      // A limit of 16 MiB, held a few times while it is read.
      #expect(await memory.stop() < 300 << 20)
      try await expectAnswer(gateway)
    }
  }

  @Test func `streams that are reset as soon as they are opened end the connection`()
    async throws
  {
    try await withGateway { gateway, _ in
      struct Outcome: Decodable { var opened: Int }
      let outcome: Outcome = try await byHand(gateway, ["reset", "--count=20000"])
      #expect(outcome.opened < 20_000)
      try await expectAnswer(gateway)
    }
  }

  @Test(arguments: ["ping", "settings", "priority", "continuation", "data"])
  func `frames that cost nothing end the connection when they are many`(kind: String)
    async throws
  {
    try await withGateway { gateway, _ in
      let end: End = try await byHand(gateway, ["flood", "--kind", kind, "--count=50000"])
      #expect(end.end == "closed")
      try await expectAnswer(gateway)
    }
  }

  @Test func `a connection has no more streams than were offered`() async throws {
    try await withGateway { gateway, _ in
      struct Outcome: Decodable {
        var limit: Int
        var end: String
      }
      let outcome: Outcome = try await byHand(gateway, ["streams"])
      #expect(outcome.limit == 1000)
      #expect(outcome.end.hasPrefix("reset") || outcome.end.hasPrefix("goaway"))
      try await expectAnswer(gateway)
    }
  }

  @Test func `headers of many bytes are refused`() async throws {
    try await withGateway { gateway, _ in
      let end: End = try await byHand(gateway, ["headers", "--count=1000"])
      #expect(end.status == nil)
      #expect(end.end == "closed" || end.end?.hasPrefix("goaway") == true)
      try await expectAnswer(gateway)
    }
  }

  @Test func `garbage on any port harms nobody`() async throws {
    try await withGateway { gateway, _ in
      var random = SeededRandom(seed: 9)
      for port in [gateway.client.port, gateway.httpPort] {
        for length in [1, 24, 100, 5000, 100_000] {
          let connection = try RawConnection(port: port)
          try? connection.send((0..<length).map { _ in UInt8.random(in: 0...255, using: &random) })
          connection.close()
        }
        for text in [
          "GET / HTTP/9.9\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u{0}\u{0}",
          "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
          "GET /\u{0} HTTP/1.1\r\n\r\n",
          "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ] {
          let connection = try RawConnection(port: port)
          try? connection.send(Array(text.utf8))
          _ = await connection.isClosed(within: 1)
          connection.close()
        }
      }
      #expect(try await httpRequest(port: gateway.httpPort, "/-/healthy").status == 200)
      try await expectAnswer(gateway)
    }
  }

  @Test func `heads and bodies of HTTP requests have limits`() async throws {
    try await withGateway { gateway, _ in
      let long = String(repeating: "x", count: 200_000)
      let answer = try? await httpRequest(
        port: gateway.httpPort, "/metrics", headers: ["X-Long": long])
      #expect(answer == nil || answer?.status == 400)
      let body = try await httpRequest(
        port: gateway.httpPort, "/-/reload", method: "POST",
        body: String(repeating: "x", count: 2 << 20))
      #expect(body.status == 413)
    }
  }

  @Test func `paths lead nowhere but to pages`() async throws {
    try await withGateway { gateway, _ in
      for path in [
        "/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/blocks/../../etc/passwd",
        "/static/..%2f..%2fetc/passwd", "//etc/passwd",
      ] {
        let answer = try await httpRequest(port: gateway.httpPort, path)
        #expect(answer.status == 404, "\(path)")
        #expect(!answer.body.contains("root:"))
      }
    }
  }
}
