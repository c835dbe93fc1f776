import TSDBBlock
import TestSupport
import Testing

@testable import BlockCatalog

/// Acceptance cases of the reference for the rules that hide blocks.
@Suite struct CatalogRulesTests {
  private static func id(_ number: Int) throws -> BlockID {
    let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    let text = "000000000\(digits[number])" + String(repeating: "0", count: 16)
    return try #require(BlockID(text))
  }

  private static func meta(
    _ number: Int, sources: [Int]? = nil, resolution: Int64 = 0, minTime: Int64 = 0,
    maxTime: Int64 = 1
  ) throws -> BlockMeta {
    var meta = BlockMeta(
      id: try id(number), minTime: minTime, maxTime: maxTime, thanos: ThanosMeta())
    meta.compaction.sources = try (sources ?? [number]).map { try id($0) }
    meta.thanos?.resolution = resolution
    return meta
  }

  private static func kept(_ metas: [BlockMeta], _ rules: CatalogRules, now: Int64 = now)
    -> [BlockID]
  {
    rules.apply(to: metas.map { FoundBlock(id: $0.id, meta: .success($0)) }, now: now)
      .entries.map(\.id)
  }

  @Test("a shard by block id takes the blocks that the reference takes")
  func shards() throws {
    let expected = [[2, 6, 11, 13], [5, 7, 10, 12, 14, 15], [1, 3, 4, 8, 9]]
    let metas = try (1...15).map { try Self.meta($0) }
    for (shard, numbers) in expected.enumerated() {
      var rules = CatalogRules()
      rules.selector = try RelabelConfiguration.parse(
        yaml: """
          - {action: hashmod, source_labels: [__block_id], target_label: shard, modulus: 3}
          - {action: keep, source_labels: [shard], regex: "\(shard)"}
          """
      ).selector
      #expect(Self.kept(metas, rules) == (try numbers.map { try Self.id($0) }), "shard \(shard)")
    }
  }

  @Test("the time partition keeps what touches it, at both ends")
  func times() throws {
    let ranges: [(Int64, Int64)] = [(0, 1), (1, 10), (2, 30), (0, 30), (-1, 0), (20, 30)]
    let metas = try ranges.enumerated().map {
      try Self.meta($0.offset + 1, minTime: $0.element.0, maxTime: $0.element.1)
    }
    var rules = CatalogRules()
    rules.timePartition = TimePartition(range: 1...10)
    #expect(Self.kept(metas, rules) == (try (1...4).map { try Self.id($0) }))
  }

  typealias Group = (resolution: Int64, blocks: [(Int, [Int])])

  static let duplicateCases: [(groups: [Group], kept: [Int])] = [
    ([(0, [(6, [6]), (4, [1, 3, 2]), (5, [5])])], [4, 5, 6]),
    ([(0, [(3, [1, 2]), (4, [1, 2]), (5, [5]), (6, [6])])], [3, 5, 6]),
    ([(0, [(4, [1, 2]), (5, [1, 3, 2]), (6, [6])])], [5, 6]),
    ([(0, [(1, [1]), (2, [2]), (3, [3]), (4, [2, 1, 3]), (6, [6])])], [4, 6]),
    (
      [
        (
          0,
          [
            (10, [1, 2, 3]), (11, [6, 4, 5]), (12, [7, 9, 8]), (13, Array(1...9)), (14, [14]),
            (1, [1]),
          ]
        )
      ], [13, 14]
    ),
    (
      [(0, [(8, [1, 3, 2, 4]), (6, [1, 3, 2, 4]), (7, [3, 1, 2]), (5, [1, 2]), (1, [1])])], [6]
    ),
    ([(0, [(10, [1, 2, 6, 7]), (11, [6, 8, 1, 2]), (1, [1])])], [10, 11]),
    ([(0, [(10, [6, 7, 1, 2]), (11, [2, 3, 1]), (5, [1, 2]), (1, [1])])], [10, 11]),
    ([(0, [(1, [1, 2])]), (1000, [(2, [1, 2])]), (10_000, [(3, [1, 2])])], [1, 2, 3]),
    (
      [
        (0, [(10, [7, 5, 1, 2]), (11, [2, 3, 1]), (5, [1, 2]), (1, [1])]),
        (10_000, [(12, [6, 7, 1]), (13, [1])]),
      ], [10, 11, 12]
    ),
  ]

  @Test(
    "a block is hidden when another one of its group has all its sources", arguments: duplicateCases
  )
  func duplicates(groups: [Group], kept: [Int]) throws {
    let metas = try groups.flatMap { group in
      try group.blocks.map {
        try Self.meta($0.0, sources: $0.1, resolution: group.resolution)
      }
    }
    #expect(Self.kept(metas, CatalogRules()) == (try kept.map { try Self.id($0) }))
  }

  private static let minute: Int64 = 60_000
  private static let now: Int64 = 1_700_000_000_000

  @Test("fresh blocks wait, unless a compactor made them or they were uploaded long ago")
  func freshness() throws {
    var rules = CatalogRules()
    rules.consistencyDelay = ConsistencyDelay(milliseconds: 30 * Self.minute)
    for source in ["sidecar", "receive", "rule", "compactor", "compactor.repair", "bucket.repair"] {
      for (age, isOld) in [(0, false), (29, false), (30, true), (31, true)] as [(Int64, Bool)] {
        var meta = BlockMeta(
          id: BlockID.make(now: Self.now - age * Self.minute), minTime: 0, maxTime: 1,
          thanos: ThanosMeta())
        meta.thanos?.source = source
        let isExempt = source.contains("compactor") || source.contains("repair")
        #expect(
          Self.kept([meta], rules, now: Self.now) == (isOld || isExempt ? [meta.id] : []),
          "\(source), \(age)m")
      }
    }
    var uploaded = BlockMeta(
      id: BlockID.make(now: Self.now), minTime: 0, maxTime: 1, thanos: ThanosMeta())
    uploaded.thanos?.source = "sidecar"
    uploaded.thanos?.uploadTime = UploadTime(milliseconds: Self.now - 20 * 60 * Self.minute)
    #expect(Self.kept([uploaded], rules, now: Self.now) == [uploaded.id])
  }

  @Test("without a delay a block is seen even when its maker's clock is ahead")
  func clocks() throws {
    let meta = BlockMeta(
      id: BlockID.make(now: Self.now + 5000), minTime: 0, maxTime: 1, thanos: ThanosMeta())
    #expect(Self.kept([meta], CatalogRules(), now: Self.now) == [meta.id])
  }

  @Test("a deletion mark hides its block when the delay is over")
  func marks() throws {
    var rules = CatalogRules()
    rules.deletionDelay = DeletionDelay(milliseconds: 48 * 60 * Self.minute)
    let blocks = try [(1, 15), (2, 60), (3, nil)].map { (number: Int, hours: Int64?) in
      var found = FoundBlock(id: try Self.id(number), meta: .success(try Self.meta(number)))
      found.deletionMark = hours.map {
        DeletionMark(id: found.id, time: Self.now / 1000 - $0 * 3600)
      }
      return found
    }
    let snapshot = rules.apply(to: blocks, now: Self.now)
    #expect(snapshot.entries.map(\.id) == [try Self.id(1), try Self.id(3)])
    #expect(snapshot.hidden == [try Self.id(2): .markedForDeletion])
  }
}
