import StoreAPI
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import StoreGateway

/// The requests of `store/requests.jsonl` against the real services, frames decoded with the
/// generated types.
@Suite struct StoreGatewayGoldenTests {
  @Test(
    arguments: ["Series", "LabelNames", "LabelValues", "Info"], GoldenBucket.Place.allCases)
  func `answers are those of the reference`(
    kind: String, place: GoldenBucket.Place
  ) async throws {
    let cases = try Golden.jsonLines("store/requests.jsonl").filter { $0["kind"].string == kind }
    try #require(!cases.isEmpty)
    let blocks = try await GoldenBucket.published(place)
    let store = GatewayStoreService(blocks: blocks, window: .everything, executor: nil)
    try await AskedStore.ask([store, InfoService(blocks: blocks, window: .everything)]) { client in
      for test in cases { try await GoldenCall.check(test, client) }
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
