import GRPCCore
import GRPCNIOTransportHTTP2
import StoreAPI
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import StoreGateway

/// What connections have to carry.
@Suite(.timeLimit(.minutes(5))) struct ConnectionTests {
  private static func with(
    _ blocks: [LoadedBlock],
    _ body: @Sendable (GRPCClient<HTTP2ClientTransport.Posix>) async throws -> Void
  ) async throws {
    let published = PublishedBlocks()
    published.publish(BlockSetSnapshot(blocks))
    var server = StoreServerTests.server(port: try freePort())
    server.store = GatewayStoreService(blocks: published, window: .everything, executor: nil)
    try await StoreServerTests.withServer(server) { client in try await body(client) }
  }

  @Test func `a request of many megabytes is read`() async throws {
    try await withTemporaryDirectory { directory in
      let block = try AskedStore.write(
        .init(series: [TestSeries("__name__=m", at: [0])]), 1, in: directory)
      try await Self.with([block]) { client in
        var request = Thanos_SeriesRequest()
        request.maxTime = 1
        request.matchers = [Thanos_LabelMatcher("__name__=m")]
        request.withoutReplicaLabels = (0..<100_000).map {
          "\($0)" + String(repeating: "x", count: 60)
        }
        let count = try await Thanos_Store.Client(wrapping: client).series(
          request, options: StreamingTests.options
        ) { response in
          try await response.messages.reduce(0) { count, _ in count + 1 }
        }
        #expect(count == 1)
      }
    }
  }
}
