import GRPCCore
import StoreAPI
import Telemetry
import TestSupport
import Testing

@testable import StoreGateway

@Suite struct RequestLimitTests {
  /// Two blocks with the external labels `r=1` and `r=2`, three series and six chunks in each.
  private static let blocks = ["1", "2"].map { replica in
    AskedStore.Block(
      externals: ["r": replica],
      series: (0..<3).map { TestSeries("__name__=m,n=\($0)", at: [10, 20, 1000, 1010]) },
      samplesPerChunk: 2)
  }

  /// Limits, a request, and what is said about it.
  struct Case: Sendable, CustomTestStringConvertible {
    var limits: RequestLimits
    var matchers: [String]
    var times: ClosedRange<Int64> = .min ... .max
    /// Nil when nothing is violated.
    var words: String?

    var testDescription: String { "\(limits) \(matchers) \(times)" }
  }

  static let cases: [Case] = [
    Case(limits: RequestLimits(series: 6), matchers: ["__name__=m"], words: nil),
    Case(
      limits: RequestLimits(series: 5), matchers: ["__name__=m"],
      words: "exceeded series limit: limit 5 violated (got 6)"),
    // One block is not looked at, and what it has is not counted.
    Case(limits: RequestLimits(series: 3), matchers: ["__name__=m", "r=2"], words: nil),
    Case(limits: RequestLimits(series: 2), matchers: ["n=~1"], words: nil),
    Case(
      limits: RequestLimits(series: 1), matchers: ["n=1"],
      words: "exceeded series limit: limit 1 violated (got 2)"),
    // Series count before the time range is looked at.
    Case(
      limits: RequestLimits(series: 5), matchers: ["__name__=m"], times: 500...501,
      words: "exceeded series limit: limit 5 violated (got 6)"),
    Case(limits: RequestLimits(chunks: 12), matchers: ["__name__=m"], words: nil),
    Case(
      limits: RequestLimits(chunks: 11), matchers: ["__name__=m"],
      words: "exceeded chunks limit: limit 11 violated (got 12)"),
    Case(limits: RequestLimits(chunks: 6), matchers: ["__name__=m"], times: 0...100, words: nil),
    Case(
      limits: RequestLimits(chunks: 5), matchers: ["__name__=m"], times: 0...100,
      words: "exceeded chunks limit: limit 5 violated (got 6)"),
  ]

  @Test(arguments: cases)
  func `a Series call may touch so much and no more`(test: Case) async throws {
    let registry = MetricRegistry()
    try await AskedStore.with(Self.blocks, limits: test.limits, registry: registry) { store in
      guard let words = test.words else {
        let answer = try await store.series(test.matchers, times: test.times)
        #expect(!answer.series.isEmpty)
        return
      }
      let error = await #expect(throws: RPCError.self) {
        _ = try await store.series(test.matchers, times: test.times)
      }
      #expect(error?.code == .resourceExhausted)
      let message = error?.message ?? ""
      #expect(message.contains(words), "\(message)")
      #expect(store.ids.contains { message.contains("\($0)") }, "\(message)")
      #expect(message.contains("--store.limits.request-"), "\(message)")
      let reason = test.limits.series == nil ? "chunks" : "series"
      let line =
        "thanos_bucket_store_queries_dropped_total{reason=\"\(reason)\",tenant=\"default-tenant\"} 1"
      #expect(registry.exposition(.text).contains(line))
    }
  }

  @Test func `without chunks the limit on them does not matter`() async throws {
    try await AskedStore.with(Self.blocks, limits: RequestLimits(chunks: 1)) { store in
      let answer = try await store.series(["__name__=m"]) { $0.skipChunks = true }
      #expect(answer.series.count == 6)
    }
  }

  @Test func `a request that wants few series does not touch many`() async throws {
    let block = AskedStore.Block(
      series: (0..<500).map { TestSeries("__name__=m,n=\($0)", at: [10, 20, 1000, 1010]) },
      samplesPerChunk: 2)
    // One series more is looked at than is wanted.
    try await AskedStore.with([block], limits: RequestLimits(series: 7, chunks: 16)) { store in
      for limit in 1...7 as ClosedRange<Int64> {
        let answer = try await store.series(["__name__=m"]) { $0.limit = limit }
        #expect(answer.series.count == Int(limit))
      }
      let error = await #expect(throws: RPCError.self) {
        _ = try await store.series(["__name__=m"]) { $0.limit = 8 }
      }
      #expect(error?.code == .resourceExhausted)
    }
  }

  @Test func `label calls with matchers are held to the limit on series`() async throws {
    try await AskedStore.with(Self.blocks, limits: RequestLimits(series: 5)) { store in
      // The index answers these alone.
      let names = try await store.names().names
      #expect(names == ["__name__", "n", "r"])
      #expect(try await store.values("n").values == ["0", "1", "2"])
      #expect(try await store.names(["n=1"]).names == ["__name__", "n", "r"])
      for call in 0..<2 {
        let error = await #expect(throws: RPCError.self) {
          if call == 0 {
            _ = try await store.names(["__name__=m"])
          } else {
            _ = try await store.values("n", ["__name__=m"])
          }
        }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.message.contains("exceeded series limit: limit 5 violated") == true)
      }
    }
  }

  @Test func `each request is counted alone`() async throws {
    try await AskedStore.with(Self.blocks, limits: RequestLimits(series: 6, chunks: 12)) { store in
      for _ in 0..<5 {
        let answer = try await store.series(["__name__=m"])
        #expect(answer.series.count == 6)
      }
    }
  }
}
