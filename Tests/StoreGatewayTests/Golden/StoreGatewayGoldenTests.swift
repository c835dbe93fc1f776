import GRPCCore
import GRPCInProcessTransport
import StoreAPI
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import StoreGateway

/// The requests of `store/requests.jsonl` against the real services, frames decoded with the
/// generated types.
@Suite struct StoreGatewayGoldenTests {
  typealias Client = GRPCClient<InProcessTransport.Client>

  /// Asks everything of one kind and reports every answer that differs, with the first difference.
  static func run(
    _ kind: String, in place: GoldenBucket.Place = .mapped,
    _ ask: @Sendable (Client, JSONValue) async throws -> [String]
  ) async throws {
    let cases = try Golden.jsonLines("store/requests.jsonl").filter { $0["kind"].string == kind }
    try #require(!cases.isEmpty)
    let blocks = try await GoldenBucket.published(place)
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

  @Test(arguments: GoldenBucket.Place.allCases)
  func `series are those of the reference`(place: GoldenBucket.Place) async throws {
    try await Self.run("Series", in: place) { client, test in
      let request = try GoldenRequest.series(test["request"])
      let frames = try await Thanos_Store.Client(wrapping: client).series(request) { response in
        var frames: [Thanos_SeriesResponse] = []
        for try await frame in response.messages { frames.append(frame) }
        return frames
      }
      return GoldenAnswer.actual(frames)
    }
  }

  @Test(arguments: GoldenBucket.Place.allCases)
  func `label names are those of the reference`(place: GoldenBucket.Place) async throws {
    try await Self.run("LabelNames", in: place) { client, test in
      let request = try GoldenRequest.labelNames(test["request"])
      return try GoldenAnswer.actual(
        try await Thanos_Store.Client(wrapping: client).labelNames(request))
    }
  }

  @Test(arguments: GoldenBucket.Place.allCases)
  func `label values are those of the reference`(place: GoldenBucket.Place) async throws {
    try await Self.run("LabelValues", in: place) { client, test in
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

  @Test func `a sync with default flags loads what the reference loads`() async throws {
    let expected = try #require(
      try Golden.jsonLines("store/sync.jsonl").first { ($0["flags"].array ?? []).isEmpty })
    let registry = MetricRegistry()
    let blocks = try await GoldenBucket.published(registry: registry)
    let ids = blocks.current.sets.flatMap { $0.blocks.map { "\($0.id)" } }
    #expect(ids.sorted() == GoldenRequest.strings(expected["loaded"]))
    let text = registry.exposition(.text)
    #expect(
      text.contains(
        "thanos_bucket_store_blocks_loaded \(expected["blocks_loaded_gauge"].int ?? -1)\n"))
    for (state, count) in expected["synced"].object ?? [:] {
      let line = "thanos_blocks_meta_synced{state=\"\(state)\"} \(count.int ?? -1)\n"
      #expect(text.contains(line), "\(line)")
    }
  }

  @Test func `selectors pick the series of the reference`() throws {
    let bucket = try Golden.unpacked("store/bucket.tar.gz")
    for test in try Golden.jsonLines("store/selectors.jsonl") {
      let directory = bucket + "/" + (test["block"].string ?? "")
      let block = try BlockReader(directory: directory)
      let matchers = try LabelMatcher.all(GoldenRequest.matchers(test["matchers"]))
      let expected = (test["refs"].array ?? []).compactMap { $0.int }
      let exact = try block.index.select(matchers, allowsRemaining: false)
      #expect(exact.ids.map(Int.init) == expected, "\(matchers)")
      let open = try block.index.select(matchers)
      let symbols = try block.index.symbols
      var tests = open.remaining.map { SeriesTest($0, symbols: symbols) }
      var picked: [Int] = []
      for id in open.ids {
        var labels: [LabelReference] = []
        var chunks: [ChunkSpan] = []
        try block.index.appendSeries(id, labels: &labels, chunks: &chunks)
        var accepts = true
        for index in tests.indices where accepts {
          accepts = try tests[index].accepts(labels)
        }
        if accepts { picked.append(Int(id)) }
      }
      #expect(picked == expected, "\(matchers)")
    }
  }
}
