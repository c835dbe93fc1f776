import GRPCCore
import GRPCInProcessTransport
import StoreAPI
import TestSupport
import Testing

@testable import StoreGateway

/// The requests of `store/requests.jsonl` against the real services, frames decoded with the
/// generated types.
@Suite struct StoreGatewayGoldenTests {
  typealias Client = GRPCClient<InProcessTransport.Client>

  /// Asks everything of one kind and reports every answer that differs, with the first difference.
  static func run(
    _ kind: String, _ ask: @Sendable (Client, JSONValue) async throws -> [String]
  ) async throws {
    let cases = try Golden.jsonLines("store/requests.jsonl").filter { $0["kind"].string == kind }
    try #require(!cases.isEmpty)
    let blocks = try GoldenBucket.published()
    let transport = InProcessTransport()
    let store = GatewayStoreService(blocks: blocks, window: .everything, executor: nil)
    let info = InfoService(blocks: blocks, window: .everything)
    try await withGRPCServer(transport: transport.server, services: [store, info]) { _ in
      try await withGRPCClient(transport: transport.client) { client in
        for test in cases {
          let actual: [String]
          do {
            actual = try await ask(client, test)
          } catch let error as RPCError {
            actual = GoldenAnswer.actual(error)
          }
          let expected = GoldenAnswer.expected(test)
          if actual != expected {
            Issue.record("\(test["id"].string ?? ""): \(difference(actual, expected))")
          }
        }
      }
    }
  }

  private static func difference(_ actual: [String], _ expected: [String]) -> String {
    let index = zip(actual, expected).prefix { $0 == $1 }.count
    let ours = index < actual.count ? actual[index] : "nothing"
    let theirs = index < expected.count ? expected[index] : "nothing"
    return "line \(index): we sent \(ours.prefix(500)), expected \(theirs.prefix(500))"
      + " (\(actual.count) and \(expected.count) lines)"
  }

  @Test func `series are those of the reference`() async throws {
    try await Self.run("Series") { client, test in
      let request = try GoldenRequest.series(test["request"])
      let frames = try await Thanos_Store.Client(wrapping: client).series(request) { response in
        var frames: [Thanos_SeriesResponse] = []
        for try await frame in response.messages { frames.append(frame) }
        return frames
      }
      return GoldenAnswer.actual(frames)
    }
  }

  @Test func `label names are those of the reference`() async throws {
    try await Self.run("LabelNames") { client, test in
      let request = try GoldenRequest.labelNames(test["request"])
      return try GoldenAnswer.actual(
        try await Thanos_Store.Client(wrapping: client).labelNames(request))
    }
  }

  @Test func `label values are those of the reference`() async throws {
    try await Self.run("LabelValues") { client, test in
      let request = try GoldenRequest.labelValues(test["request"])
      return try GoldenAnswer.actual(
        try await Thanos_Store.Client(wrapping: client).labelValues(request))
    }
  }

  @Test func `the store describes itself like the reference`() async throws {
    try await Self.run("Info") { client, _ in
      GoldenAnswer.actual(try await Thanos_Info_Info.Client(wrapping: client).info(.init()))
    }
  }
}
