import GRPCCore
import StoreAPI
import SwiftProtobuf
import TestSupport
import Testing

@testable import StoreGateway

@Suite struct HintsTests {
  private static let blocks: [AskedStore.Block] = [0, 2].map { time in
    AskedStore.Block(
      externals: ["ext1": "1"],
      series: ["foo=bar,n=1", "foo=bar,n=2"].map { TestSeries($0, at: [time]) })
  }

  @Test func `label calls tell which blocks they looked at`() async throws {
    try await AskedStore.with(Self.blocks) { store in
      let ids = store.ids.map { "\($0)" }
      func asked(
        _ times: ClosedRange<Int64>, _ matchers: [String] = []
      ) async throws -> (names: [String], values: [String]) {
        let matchers = matchers.map { Thanos_LabelMatcher($0) }
        let names = try await store.names(times: times) {
          if !matchers.isEmpty {
            $0.hints = any(Hintspb_LabelNamesRequestHints.with { $0.blockMatchers = matchers })
          }
        }
        let values = try await store.values("n", times: times) {
          if !matchers.isEmpty {
            $0.hints = any(Hintspb_LabelValuesRequestHints.with { $0.blockMatchers = matchers })
          }
        }
        #expect(names.names == ["ext1", "foo", "n"])
        #expect(values.values == ["1", "2"])
        return (try Hintspb.blocks(of: names), try Hintspb.blocks(of: values))
      }
      for (times, matchers, blocks) in [
        (0...1, [], [ids[0]]), (0...3, [], ids),
        (0...3, ["__block_id=\(ids[0])"], [ids[0]]),
        (0...3, ["__block_id!~\(ids[0])", "ext1=1"], [ids[1]]),
      ] as [(ClosedRange<Int64>, [String], [String])] {
        let queried = try await asked(times, matchers)
        #expect(queried.names == blocks)
        #expect(queried.values == blocks)
      }
    }
  }

  @Test func `a Series call tells what it cost when it is asked to`() async throws {
    try await AskedStore.with(Self.blocks) { store in
      let answer = try await store.series(["foo=bar"], times: 0...1) {
        $0.hints = any(Hintspb_SeriesRequestHints.with { $0.enableQueryStats = true })
      }
      #expect(answer.series.count == 2)
      let hints = try #require(answer.hints.first)
      #expect(answer.hints.count == 1)
      let told = try Hintspb_SeriesResponseHints(unpackingAny: hints)
      #expect(told.queriedBlocks.map(\.id) == ["\(store.ids[0])"])
      #expect(told.queryStats.blocksQueried == 1)
      #expect(told.queryStats.seriesTouched == 2)
      #expect(told.queryStats.chunksTouched == 2)
      #expect(told.queryStats.mergedSeriesCount == 2)
      #expect(told.queryStats.mergedChunksCount == 2)
      // Nobody asked here.
      #expect(try await store.series(["foo=bar"]).hints.isEmpty)
    }
  }

  @Test func `hints of another call are the client's mistake`() async throws {
    let wrong = any(Hintspb_LabelNamesRequestHints())
    try await AskedStore.with(Self.blocks) { store in
      let series = await #expect(throws: RPCError.self) {
        _ = try await store.series(["foo=bar"]) { $0.hints = wrong }
      }
      #expect(series?.message.contains("unmarshal series request hints") == true)
      let values = await #expect(throws: RPCError.self) {
        _ = try await store.values("n") { $0.hints = wrong }
      }
      #expect(values?.message.contains("unmarshal label values request hints") == true)
      let names = await #expect(throws: RPCError.self) {
        _ = try await store.names { $0.hints = any(Hintspb_SeriesRequestHints()) }
      }
      #expect(names?.message.contains("unmarshal label names request hints") == true)
      #expect(
        [series, values, names].compactMap { $0?.code } == [
          .invalidArgument, .invalidArgument, .invalidArgument,
        ])
    }
  }
}

private func any(_ message: some Message) -> Google_Protobuf_Any {
  // Only a message of the old syntax can lack a field that it must have.
  (try? Google_Protobuf_Any(message: message)) ?? Google_Protobuf_Any()
}
