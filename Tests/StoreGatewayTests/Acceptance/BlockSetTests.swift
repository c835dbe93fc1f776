import BlockCatalog
import StoreAPI
import TSDBBlock
import TestSupport
import Testing

@testable import StoreGateway

/// Which blocks are served, and what Info says about them.
@Suite struct BlockSetTests {
  private static func block(
    _ externals: [String: String], _ range: Range<Int64> = 0..<1000
  ) -> AskedStore.Block {
    AskedStore.Block(
      externals: externals, series: [TestSeries("__name__=m", at: [range.lowerBound])],
      range: range)
  }

  @Test func `the middle one of three blocks can go`() async throws {
    try await withTemporaryDirectory { directory in
      let blocks = try (0..<3).map { number in
        let start = Int64(number) * 100
        return try AskedStore.write(Self.block([:], start..<start + 100), number + 1, in: directory)
      }
      let published = PublishedBlocks()
      let store = GatewayStoreService(blocks: published, window: .everything, executor: nil)
      try await AskedStore.ask([store]) { client in
        let asked = AskedStore(client: client, ids: blocks.map(\.id))
        func times() async throws -> [Int64] {
          try await asked.series(["__name__=m"]).series.flatMap { $0.chunks.map(\.minTime) }
        }
        published.publish(BlockSetSnapshot(blocks))
        let before = try await times()
        #expect(before == [0, 100, 200])
        published.publish(BlockSetSnapshot([blocks[0], blocks[2]]))
        let after = try await times()
        #expect(after == [0, 200])
      }
    }
  }

  static let coverage: [(name: String, ranges: [Range<Int64>], joined: [Range<Int64>])] = [
    ("b", [0..<1000, 1000..<2000, 3000..<4000, 3500..<5000], [0..<2000, 3000..<5000]),
    ("c", [0..<1000, 500..<2000], [0..<2000]),
    ("d", [0..<1000, 2000..<3000], [0..<1000, 2000..<3000]),
    // A short block inside a long one.
    ("e", [0..<5000, 1000..<2000], [0..<5000]),
  ]

  @Test func `Info joins the times of blocks that touch`() async throws {
    let blocks = Self.coverage.flatMap { name, ranges, _ in
      ranges.map { Self.block(["a": name], $0) }
    }
    try await AskedStore.with(blocks) { store in
      let info = try await store.info().store.tsdbInfos.map { info in
        "\(info.labels.labels.map { "\($0.name)=\($0.value)" }) \(info.minTime)..<\(info.maxTime)"
      }
      #expect(
        info
          == Self.coverage.flatMap { name, _, joined in
            joined.map { "[\"a=\(name)\"] \($0)" }
          })
    }
  }

  private static let sharded = [
    block(["cluster": "a", "region": "r1"]), block(["cluster": "a", "region": "r1"]),
    block(["cluster": "b", "region": "r1"]), block(["cluster": "a", "region": "r2"]),
  ]

  static let selectors: [(yaml: String, served: [Int], labelSets: Int)] = [
    ("", [1, 2, 3, 4], 3),
    ("- {action: drop, regex: a, source_labels: [cluster]}", [3], 1),
    ("- {action: keep, regex: a, source_labels: [cluster]}", [1, 2, 4], 2),
    (
      """
      - {action: keep, regex: a, source_labels: [cluster]}
      - {action: drop, regex: .*2, source_labels: [region]}
      """, [1, 2], 1
    ),
    (
      """
      - {action: drop, regex: a, source_labels: [cluster]}
      - {action: drop, regex: r1, source_labels: [region]}
      """, [], 0
    ),
  ]

  @Test(arguments: selectors.indices)
  func `relabel rules choose the blocks of a shard`(index: Int) async throws {
    let (yaml, served, labelSets) = Self.selectors[index]
    try await withTemporaryDirectory { directory in
      let ids = try Self.sharded.enumerated().map { number, block in
        try AskedStore.write(block, number + 1, in: directory).id
      }
      var rules = CatalogRules()
      rules.selector = try RelabelConfiguration.parse(yaml: yaml).selector
      let published = PublishedBlocks()
      let sync = try BlockSync.test(directory, rules: rules, publishing: published)
      try await sync.run()
      let store = GatewayStoreService(blocks: published, window: .everything, executor: nil)
      let info = InfoService(blocks: published, window: .everything)
      try await AskedStore.ask([store, info]) { client in
        let asked = AskedStore(client: client, ids: ids)
        let response = try await asked.names()
        let queried = try Hintspb.blocks(of: response)
        #expect(queried == served.map { "\(ids[$0 - 1])" })
        let info = try await asked.info()
        #expect(info.labelSets.count == labelSets)
      }
    }
  }
}
