import GRPCCore
import StoreAPI
import TestSupport
import Testing

@testable import StoreGateway

/// Three slots of two hours with two blocks each, which have other external labels.
@Suite struct ManyBlocksTests {
  private static let now: Int64 = 1_700_006_400_000
  private static let hour: Int64 = 3_600_000

  private static let blocks: [AskedStore.Block] = (0..<3).flatMap { slot -> [AskedStore.Block] in
    let start = now + Int64(slot) * 2 * hour
    let times = (0..<10).map { start + Int64($0) * 60_000 }
    func block(_ inner: String, _ externals: [String: String]) -> AskedStore.Block {
      AskedStore.Block(
        externals: externals,
        series: ["1", "2"].flatMap { a in
          ["1", "2"].map { TestSeries("a=\(a),\(inner)=\($0)", at: times) }
        }, range: start..<start + 2 * hour)
    }
    return [block("b", ["ext1": "value1"]), block("c", ["ext2": "value2"])]
  }

  private static let eight = ["1", "2"].flatMap { a in
    ["b=1,ext1=value1", "b=2,ext1=value1", "c=1,ext2=value2", "c=2,ext2=value2"].map {
      "a=\(a),\($0)"
    }
  }

  static let selectors: [(matchers: [String], labels: [String])] = [
    (["a=~1|2"], eight),
    (["a=~1", "a!~2", "a!=2"], Array(eight[0..<4])),
    (["a!~not_existing", "not_existing!~1", "a!=not_existing"], eight),
    (["b=2"], [eight[1], eight[5]]),
    (["a=1", "ext2=value2"], Array(eight[2..<4])),
    (["a=1", "ext2=wrong"], []),
    (["a=1", "non_existing=~something"], []),
  ]

  @Test func `each series has its chunks of all slots`() async throws {
    try await AskedStore.with(Self.blocks) { store in
      let info = try await store.info()
      #expect(info.store.minTime == Self.now)
      #expect(info.store.maxTime == Self.now + 6 * Self.hour)
      for (matchers, labels) in Self.selectors {
        let answer = try await store.series(matchers)
        #expect(answer.labels == labels, "\(matchers)")
        #expect(answer.chunkCounts == labels.map { _ in 3 }, "\(matchers)")
        #expect(answer.isOrdered && answer.warnings.isEmpty, "\(matchers)")
      }
    }
  }

  @Test func `external labels can be removed like those of replicas`() async throws {
    try await AskedStore.with(Self.blocks) { store in
      let answer = try await store.series(["a=~1|2"]) {
        $0.withoutReplicaLabels = ["ext1", "ext2"]
      }
      let expected = ["1", "2"].flatMap { a in
        ["b=1", "b=2", "c=1", "c=2"].map { "a=\(a),\($0)" }
      }
      #expect(answer.labels == expected)
      #expect(answer.chunkCounts == expected.map { _ in 3 })
    }
  }

  @Test func `without chunks only labels come`() async throws {
    try await AskedStore.with(Self.blocks) { store in
      let answer = try await store.series(["a=1"]) { $0.skipChunks = true }
      #expect(answer.labels == Array(Self.eight[0..<4]))
      #expect(answer.chunkCounts == [0, 0, 0, 0])
    }
  }

  @Test func `what lies behind the latest time served is neither told nor read`() async throws {
    let end = Self.now + Self.hour
    try await AskedStore.with(
      Self.blocks, limits: RequestLimits(chunks: 4), window: ServedWindow { .min...end }
    ) { store in
      #expect(try await store.info().store.maxTime == end)
      let answer = try await store.series(["a=1"], times: Self.now...Self.now + 24 * Self.hour)
      #expect(answer.labels == Array(Self.eight[0..<4]))
      #expect(answer.chunkCounts == [1, 1, 1, 1])
    }
  }

  // MARK: Label calls

  static let nameCases: [(matchers: [String], times: ClosedRange<Int64>, names: [String])] = [
    ([], .min ... .max, ["a", "b", "c", "ext1", "ext2"]),
    ([], now - 24 * hour...now - 23 * hour, []),
    (["a=1"], .min ... .max, ["a", "b", "c", "ext1", "ext2"]),
    (["b=1"], .min ... .max, ["a", "b", "ext1"]),
    (["b="], .min ... .max, ["a", "c", "ext2"]),
  ]

  static let valueCases:
    [(label: String, matchers: [String], times: ClosedRange<Int64>, values: [String])] = [
      ("a", [], .min ... .max, ["1", "2"]),
      ("a", ["a=1"], .min ... .max, ["1"]),
      ("a", ["a=2", "c=2"], .min ... .max, ["2"]),
      ("ext1", [], .min ... .max, ["value1"]),
      ("ext1", ["c=1"], .min ... .max, []),
      ("a", [], now - 24 * hour...now - 23 * hour, []),
    ]

  @Test func `names and values are those of the blocks in the time range`() async throws {
    try await AskedStore.with(Self.blocks) { store in
      for (matchers, times, names) in Self.nameCases {
        #expect(try await store.names(matchers, times: times).names == names, "\(matchers)")
      }
      for (label, matchers, times, values) in Self.valueCases {
        let response = try await store.values(label, matchers, times: times)
        #expect(response.values == values, "\(label) \(matchers)")
      }
    }
  }
}
