import StoreAPI
import TSDBBlock
import TestSupport
import Testing

@testable import StoreGateway

/// Which series selectors find in larger blocks, and what limits and replicas make of them.
@Suite struct SelectionTests {
  private static let suffix = "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"

  /// Five series per step: `i` and `n` count, `j` is foo or bar, `uniq` is another for each.
  private static func generated(_ count: Int) -> [TestSeries] {
    var series: [TestSeries] = []
    for n in 0..<10 {
      for i in 0..<count / 50 {
        for (prefix, j) in [("", "foo"), ("", "bar"), ("0_", "bar"), ("1_", "bar"), ("2_", "foo")] {
          let uniq = eightDigits(series.count)
          series.append(
            TestSeries(
              "i=\(i)\(suffix),n=\(prefix)\(n)\(suffix),j=\(j),uniq=\(uniq)", at: [0]))
        }
      }
    }
    return series
  }

  private static func eightDigits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  @Test func `selectors count the series they should`() async throws {
    let suffix = Self.suffix
    let fifty = (0..<50).map { Self.eightDigits($0 * 7) }
    let one = "n=1\(suffix)"
    let cases: [(matchers: [String], count: Int)] = [
      ([one], 20),
      ([one, "j=foo"], 10),
      (["j=foo", one], 10),
      ([one, "j!=foo"], 10),
      (["i=~.*"], 500),
      (["i=~.+"], 500),
      (["i=~"], 0),
      (["i!="], 500),
      ([one, "i=~.*", "i!=2\(suffix)", "j=foo"], 9),
      ([one, "i=~.*", "i!~.*2.*", "j=foo"], 9),
      ([one, "i=~1.+", "j=foo"], 1),
      ([one, "i=~.+", "i!~2.*", "j=foo"], 9),
      (["i=~0\(suffix)|1\(suffix)|2\(suffix)"], 150),
      (["uniq=~" + fifty.joined(separator: "|")], 50),
    ]
    try await AskedStore.with([.init(series: Self.generated(500))]) { store in
      for (matchers, count) in cases {
        let answer = try await store.series(matchers) { $0.skipChunks = true }
        #expect(answer.series.count == count, "\(matchers)")
        #expect(answer.isOrdered)
      }
    }
  }

  @Test func `chunks that touch the time range come whole, with the hash of their bytes`()
    async throws
  {
    let series = TestSeries("__name__=test", at: Array(0..<10_000))
    let cases: [(times: ClosedRange<Int64>, samples: Int)] = [
      (.min ... .max, 10_000), (0...100, 120), (4000...4050, 120), (9800...10_000, 280),
    ]
    try await AskedStore.with([.init(series: [series])]) { store in
      for (times, samples) in cases {
        let chunks = try await store.series(["__name__=test"], times: times).series
          .flatMap(\.chunks)
        var columns = SampleColumns()
        for chunk in chunks {
          let bytes = [UInt8](chunk.raw.data)
          #expect(chunk.raw.hash == XXHash64.hash(bytes))
          try XORDecoder.decode(bytes.rawSpan, into: &columns)
        }
        #expect(columns.count == samples, "\(times)")
        #expect(columns.timestamps == columns.timestamps.sorted())
      }
    }
  }

  // MARK: Replicas

  @Test func `a replica label inside the blocks is removed and equal series are joined`()
    async throws
  {
    func block(_ external: String, _ labels: [String]) -> AskedStore.Block {
      AskedStore.Block(
        externals: ["ext1": external], series: labels.map { TestSeries($0, at: [0]) })
    }
    let blocks = [
      block(
        "0",
        [
          "a=1,replica=1,z=1", "a=1,replica=1,z=2", "a=1,replica=2,z=1", "a=1,replica=2,z=2",
          "a=2,replica=1,z=1", "a=2,replica=2,z=1",
        ]),
      block("1", ["a=1,replica=3,z=1", "a=1,replica=3,z=2", "a=2,replica=3,z=1"]),
    ]
    try await AskedStore.with(blocks) { store in
      let answer = try await store.series(["a=~.+"]) { $0.withoutReplicaLabels = ["replica"] }
      #expect(
        answer.labels == [
          "a=1,ext1=0,z=1", "a=1,ext1=0,z=2", "a=1,ext1=1,z=1", "a=1,ext1=1,z=2",
          "a=2,ext1=0,z=1", "a=2,ext1=1,z=1",
        ])
      #expect(answer.chunkCounts == [1, 1, 1, 1, 1, 1])
      // Both may go: then the two blocks have the same series.
      let both = try await store.series(["a=~.+"]) {
        $0.withoutReplicaLabels = ["replica", "ext1"]
      }
      #expect(both.labels == ["a=1,z=1", "a=1,z=2", "a=2,z=1"])
    }
  }

  @Test func `blocks uploaded twice give one series each`() async throws {
    let blocks = ["a", "b"].map { replica in
      AskedStore.Block(
        externals: ["replica": replica],
        series: ["z=1", "z=2"].map { TestSeries($0, at: [0, 1, 2]) })
    }
    try await AskedStore.with(blocks) { store in
      let all = try await store.series(["z!="])
      #expect(
        all.labels == ["replica=a,z=1", "replica=a,z=2", "replica=b,z=1", "replica=b,z=2"])
      let joined = try await store.series(["z!="]) { $0.withoutReplicaLabels = ["replica"] }
      #expect(joined.labels == ["z=1", "z=2"])
      #expect(joined.chunkCounts == [1, 1])
    }
  }

  // MARK: Limits of answers

  @Test func `answers are cut to the limit they are asked with`() async throws {
    let block = AskedStore.Block(externals: ["ext1": "1"], series: Self.generated(5000))
    try await AskedStore.with([block]) { store in
      let all = try await store.series(["j=foo"]) { $0.skipChunks = true }
      #expect(all.series.count == 2000)
      for batchSize in [0, 64] as [Int64] {
        let some = try await store.series(["j=foo"]) {
          $0.limit = 1900
          $0.responseBatchSize = batchSize
        }
        #expect(some.labels == Array(all.labels.prefix(1900)))
        #expect(some.chunkCounts.filter { $0 != 1 } == [])
      }
      #expect(try await store.names { $0.limit = 3 }.names == ["ext1", "i", "j"])
      let values = try await store.values("j", ["j=~(foo|bar)"]) { $0.limit = 1 }
      #expect(values.values == ["bar"])
    }
  }

  @Test func `only series that match count, whoever tests them`() async throws {
    let block = AskedStore.Block(series: (1...6).map { TestSeries("a=1,z=\($0)", at: [0]) })
    try await AskedStore.with([block], limits: RequestLimits(series: 2)) { store in
      let answer = try await store.series(["a=1", "z=~1|2"])
      #expect(answer.labels == ["a=1,z=1", "a=1,z=2"])
    }
    // A label of so many values that it is tested on the series.
    let wide = AskedStore.Block(
      series: (0..<3000).map { TestSeries("z=\($0)", at: [0]) }
        + [TestSeries("a=1,z=x", at: [0]), TestSeries("a=1", at: [0])])
    try await AskedStore.with([wide], limits: RequestLimits(series: 1)) { store in
      let answer = try await store.series(["a=1", "z!="])
      #expect(answer.labels == ["a=1,z=x"])
    }
    // A label that the external one hides puts the block's order out.
    let unordered = AskedStore.Block(
      externals: ["r": "out"],
      series: (0..<3000).map { TestSeries("z=\($0)", at: [0]) }
        + ["a=1,z=x", "a=1,r=in,z=w", "a=1"].map { TestSeries($0, at: [0]) })
    try await AskedStore.with([unordered], limits: RequestLimits(series: 2)) { store in
      let answer = try await store.series(["a=1", "z!="])
      #expect(answer.labels == ["a=1,r=out,z=w", "a=1,r=out,z=x"])
    }
  }
}
