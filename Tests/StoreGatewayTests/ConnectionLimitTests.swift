import Foundation
import ServerRuntime
import StoreAPI
import TestSupport
import Testing

@testable import StoreGateway

/// Clients of the gRPC server that are slow, many, or do not listen.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ConnectionLimitTests {
  private struct Outcome: Decodable { var end: String }

  /// Runs the foreign client against a server with these limits, over a block that fits into no
  /// window.
  private func run(
    _ limits: ConnectionLimits, _ arguments: [String]
  ) async throws -> Outcome {
    try await withTemporaryDirectory { directory in
      let blocks = PublishedBlocks()
      blocks.publish(
        BlockSetSnapshot([try StreamingTests.load(directory + "/block", padding: 8000)]))
      var server = StoreServerTests.server(port: try TestSupport.freePort())
      server.store = GatewayStoreService(blocks: blocks, window: .everything, executor: nil)
      server.limits = limits
      return try await StoreServerTests.withServer(server) { [port = server.address.port] client in
        _ = try await Thanos_Info_Info.Client(wrapping: client).info(
          .init(), options: StreamingTests.options)
        let result = try await withCheckedThrowingContinuation { continuation in
          Thread.detachNewThread {
            continuation.resume(
              with: Result {
                try runProcess(
                  "/usr/bin/python3",
                  [
                    packageRoot + "/Scripts/http2_client.py", "--address", "127.0.0.1:\(port)",
                  ] + arguments)
              })
          }
        }
        return try JSONDecoder().decode(
          Outcome.self, from: Data(try result.requireSuccess().output))
      }
    }
  }

  @Test func `who does not take an answer loses the stream`() async throws {
    var limits = ConnectionLimits()
    limits.stalledAnswer = .milliseconds(500)
    #expect(try await run(limits, ["stall"]).end == "reset 8")
  }

  @Test func `a request that trickles loses the stream`() async throws {
    var limits = ConnectionLimits()
    limits.request = .milliseconds(500)
    #expect(try await run(limits, ["trickle"]).end == "reset 8")
  }

  private func withServer(
    _ limits: ConnectionLimits, _ body: @Sendable (Int) async throws -> Void
  ) async throws {
    var server = StoreServerTests.server(port: try TestSupport.freePort())
    server.limits = limits
    try await StoreServerTests.withServer(server) { [port = server.address.port] client in
      _ = try await Thanos_Info_Info.Client(wrapping: client).info(
        .init(), options: StreamingTests.options)
      try await body(port)
    }
  }

  @Test(arguments: ["", "PRI * HTTP/2.0\r\n"])
  func `who does not speak HTTP/2 in time is left`(beginning: String) async throws {
    var limits = ConnectionLimits()
    limits.handshake = .milliseconds(300)
    try await withServer(limits) { port in
      let connection = try RawConnection(port: port)
      try connection.send(Array(beginning.utf8))
      #expect(await connection.isClosed(within: 60))
      connection.close()
    }
  }

  @Test func `more connections than may be are refused until others end`() async throws {
    var limits = ConnectionLimits()
    // One of them is the client's of this test.
    limits.connections = 3
    try await withServer(limits) { port in
      let first = try RawConnection(port: port)
      let second = try RawConnection(port: port)
      #expect(await !first.isClosed(within: 1))
      #expect(await !second.isClosed(within: 1))
      let refused = try RawConnection(port: port)
      #expect(await refused.isClosed(within: 60))
      refused.close()
      first.close()
      while true {
        let next = try RawConnection(port: port)
        let isTaken = await !next.isClosed(within: 1)
        next.close()
        if isTaken { break }
      }
      second.close()
    }
  }
}
