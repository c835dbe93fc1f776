import Logging
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import BlockCatalog

struct RelabelTests {
  // MARK: - What the rules mean

  @Test(arguments: [
    ("- {action: keep, source_labels: [cluster], regex: a}", true),
    ("- {action: keep, source_labels: [cluster], regex: b}", false),
    ("- {action: drop, source_labels: [cluster], regex: a}", false),
    ("- {action: drop, source_labels: [cluster], regex: b}", true),
    // Action words count in any case, others not.
    ("- {action: Keep, source_labels: [cluster], regex: b}", false),
    ("- {action: DROP, source_labels: [cluster], regex: A}", true),
    // Anchored, and a dot matches a newline.
    ("- {action: keep, source_labels: [region], regex: eu}", false),
    ("- {action: keep, source_labels: [region], regex: eu.*}", true),
    ("- {action: keep, source_labels: [region], regex: u-1|eu-1}", true),
    ("- {action: keep, source_labels: [lines], regex: 'x.y'}", true),
    // A missing label is an empty one; without a pattern everything matches.
    ("- {action: keep, source_labels: [gone], regex: ''}", true),
    ("- {action: keep, source_labels: [gone], regex: .+}", false),
    ("- {action: keep, source_labels: [gone]}", true),
    ("- {action: drop, source_labels: [gone]}", false),
    ("- {action: keep, source_labels: [empty], regex: ''}", true),
    // A key without value is an empty pattern, not the default one.
    ("- {action: keep, source_labels: [cluster], regex: }", false),
    ("- {action: keep, source_labels: [gone], regex: ~}", true),
    ("- {action: keep, source_labels: , regex: ''}", true),
    ("- {action: keep, regex: .+}", false),
    // Joining.
    ("- {action: keep, source_labels: [cluster, region], regex: a;eu-1}", true),
    ("- {action: keep, source_labels: [region, cluster], regex: a;eu-1}", false),
    ("- {action: keep, source_labels: [cluster, gone, region], regex: a;;eu-1}", true),
    ("- {action: keep, source_labels: [cluster, region], separator: '', regex: aeu-1}", true),
    ("- {action: keep, source_labels: [cluster, region], separator: , regex: aeu-1}", true),
    ("- {action: keep, source_labels: [cluster, region], separator: +, regex: 'a\\+eu-1'}", true),
    // Numbers are taken as written.
    ("- {action: keep, source_labels: [number], regex: 007}", true),
    ("- {action: keep, source_labels: [number], regex: 7}", false),
    // The block itself.
    ("- {action: keep, source_labels: [__block_id], regex: 00000000010000000000000000}", true),
    ("- {action: drop, source_labels: [__block_id], regex: '0+10+'}", false),
    // The first rule that hides a block ends it; what hashmod sets is seen by later rules only.
    (
      "- {action: keep, source_labels: [cluster], regex: a}\n"
        + "- {action: drop, source_labels: [region], regex: eu-1}", false
    ),
    (
      "- {action: keep, source_labels: [cluster], regex: '0'}\n"
        + "- {action: hashmod, source_labels: [gone], target_label: cluster, modulus: 1}", false
    ),
    (
      "- {action: hashmod, source_labels: [gone], target_label: cluster, modulus: 1}\n"
        + "- {action: keep, source_labels: [cluster], regex: '0'}", true
    ),
    // No rule.
    ("", true), ("[]", true), ("# nothing", true), ("~", true),
  ])
  func `a rule keeps what it says`(yaml: String, isKept: Bool) throws {
    let meta = Self.meta(
      1,
      [
        ("cluster", "a"), ("region", "eu-1"), ("lines", "x\ny"), ("empty", ""), ("number", "007"),
      ])
    #expect(try Self.keeps(yaml, meta) == isKept)
  }

  @Test(arguments: [
    ("", [1, 2, 3, 4]),
    ("- {action: drop, source_labels: [cluster], regex: a}", [3]),
    ("- {action: keep, source_labels: [cluster], regex: a}", [1, 2, 4]),
    (
      "- {action: keep, source_labels: [cluster], regex: a}\n"
        + "- {action: drop, source_labels: [region], regex: .*2}", [1, 2]
    ),
    (
      "- {action: drop, source_labels: [cluster], regex: a}\n"
        + "- {action: drop, source_labels: [region], regex: r1}", []
    ),
  ])
  func `blocks are shared out by their external labels`(yaml: String, kept: [Int]) throws {
    let blocks = [
      (1, [("cluster", "a"), ("region", "r1")]), (2, [("cluster", "a"), ("region", "r1")]),
      (3, [("cluster", "b"), ("region", "r1")]), (4, [("cluster", "a"), ("region", "r2")]),
    ]
    let result = try blocks.filter { try Self.keeps(yaml, Self.meta($0.0, $0.1)) }.map(\.0)
    #expect(result == kept)
  }

  @Test(arguments: [(0, [2, 6, 11, 13]), (1, [5, 7, 10, 12, 14, 15]), (2, [1, 3, 4, 8, 9])])
  func `hashmod of block identities gives the shards of the reference`(
    shard: Int, kept: [Int]
  ) throws {
    let yaml = """
      - action: hashmod
        source_labels: [__block_id]
        target_label: shard
        modulus: 3
      - action: keep
        source_labels: [shard]
        regex: \(shard)
      """
    #expect(try (1...15).filter { try Self.keeps(yaml, Self.meta($0, [])) } == kept)
  }

  @Test(arguments: [("15462616177412505458", true), ("15462616177412505459", false)])
  func `the hash is the last half of the digest, big endian and unsigned`(
    hash: String, isKept: Bool
  ) throws {
    // MD5 of "abc" ends in d6963f7d28e17f72.
    let yaml = """
      - {action: hashmod, source_labels: [x], target_label: h, modulus: 18446744073709551615}
      - {action: keep, source_labels: [h], regex: "\(hash)"}
      """
    #expect(try Self.keeps(yaml, Self.meta(1, [("x", "abc")])) == isKept)
  }

  @Test func `values need not be text`() throws {
    var meta = Self.meta(1, [])
    meta.thanos?.labels = [.init(name: [0x61], value: [0xFF, 0x62])]
    #expect(try Self.keeps("- {action: keep, source_labels: [a], regex: .b}", meta))
    #expect(try !Self.keeps("- {action: keep, source_labels: [a], regex: b}", meta))
  }

  @Test func `a block without external labels is seen by its identity`() throws {
    #expect(try Self.keeps("[]", BlockMeta(id: .zero, minTime: 0, maxTime: 1)))
    #expect(try Self.keeps("- {action: keep, regex: ''}", Self.meta(1, [])))
  }

  @Test func `an external label replaces the identity, and with no label left a block is hidden`()
    throws
  {
    let named = Self.meta(1, [("__block_id", "x")])
    #expect(try Self.keeps("- {action: keep, source_labels: [__block_id], regex: x}", named))
    #expect(try !Self.keeps("[]", Self.meta(1, [("__block_id", "")])))
  }

  // MARK: - In the catalog

  @Test func `blocks of another shard are label-excluded and their marks not gathered`()
    async throws
  {
    let bucket = MemoryBucket()
    let mine = try await Self.put(1, [("cluster", "a")], in: bucket)
    let other = try await Self.put(2, [("cluster", "b")], in: bucket)
    let late = try await Self.put(3, [("cluster", "b")], minTime: 100, in: bucket)
    for id in [mine, other, late] {
      #expect(
        try await BlockMarking.write(DeletionMark(id: id, time: 1), of: id, in: bucket))
    }
    var rules = CatalogRules()
    rules.timePartition = TimePartition(range: 0...50)
    rules.deletionDelay = DeletionDelay(milliseconds: .max)
    // All are too fresh: what an earlier rule hides does not reach a later one.
    rules.consistencyDelay = ConsistencyDelay(milliseconds: 100)
    rules.selector = try RelabelConfiguration.parse(
      yaml: "- {action: keep, source_labels: [cluster], regex: a}"
    ).selector
    let fresh = try await Self.fetch(rules, from: bucket, now: 50)
    #expect(fresh.hidden == [mine: .tooFresh, other: .labelExcluded, late: .timeExcluded])
    let snapshot = try await Self.fetch(rules, from: bucket, now: 1000)
    #expect(snapshot.entries.map(\.id) == [mine])
    #expect(snapshot.hidden == [other: .labelExcluded, late: .timeExcluded])
    #expect(snapshot.counts[.labelExcluded] == 1)
    #expect(Array(snapshot.deletionMarks.keys) == [mine])
  }

  @Test func `all replicas of a group fall into one shard`() async throws {
    let bucket = MemoryBucket()
    for replica in 1...8 {
      _ = try await Self.put(
        replica, [("cluster", "a"), ("replica", "\(replica)")], in: bucket)
    }
    var rules = CatalogRules()
    rules.replicaLabels = ReplicaLabels([Array("replica".utf8)])
    var sizes: [Int] = []
    for shard in 0..<2 {
      rules.selector = try RelabelConfiguration.parse(
        yaml: """
          - {action: hashmod, source_labels: [cluster, replica], target_label: s, modulus: 2}
          - {action: keep, source_labels: [s], regex: \(shard)}
          """
      ).selector
      sizes.append(try await Self.fetch(rules, from: bucket, now: 1000).entries.count)
    }
    #expect(sizes.sorted() == [0, 8])
  }

  @Test func `a block that has nothing but replica labels stays`() async throws {
    let bucket = MemoryBucket()
    let id = try await Self.put(1, [("replica", "1")], in: bucket)
    var rules = CatalogRules()
    rules.replicaLabels = ReplicaLabels([Array("replica".utf8)])
    rules.selector = try RelabelConfiguration.parse(
      yaml: "- {action: drop, source_labels: [replica], regex: .+}"
    ).selector
    #expect(try await Self.fetch(rules, from: bucket, now: 1000).entries.map(\.id) == [id])
  }

  // MARK: - Golden

  @Test func `every selector loads what the reference loads`() async throws {
    let bucket = try FilesystemBucket(directory: Golden.unpacked("store/bucket.tar.gz"))
    let cases = try Golden.jsonLines("store/sync.jsonl").filter { !Self.selectors($0).isEmpty }
    try #require(!cases.isEmpty)
    for test in cases {
      let name = "\(test["id"].string ?? ""): \(test["note"].string ?? "")"
      let yaml = try #require(Self.selectors(test).first)
      try #require(test["flags"].array?.count == 1, "\(name)")
      if let error = test["error"].string {
        #expect(error.hasPrefix("start: "), "\(name)")
        #expect(throws: ConfigurationError.self, "\(name)") {
          try RelabelConfiguration.parse(yaml: yaml)
        }
        continue
      }
      var rules = CatalogRules()
      rules.deletionDelay = DeletionDelay(milliseconds: 24 * 3_600_000)
      rules.selector = try RelabelConfiguration.parse(yaml: yaml).selector
      // After every old mark of the data and before the fresh ones, which are of the year 2100.
      let snapshot = try await Self.fetch(rules, from: bucket, now: 4_000_000_000_000)
      let expected = (test["loaded"].array ?? []).compactMap(\.string)
      #expect(snapshot.entries.map { "\($0.id)" } == expected, "\(name)")
      for (state, number) in test["synced"].object ?? [:] {
        let ours = try #require(SyncState(rawValue: state))
        // A store does not look at these marks and always reports 0.
        if ours == .markedForNoCompact { continue }
        #expect(snapshot.counts[ours] == number.int, "\(name): \(state)")
      }
    }
  }

  private static func selectors(_ test: JSONValue) -> [String] {
    let flag = "--selector.relabel-config="
    return (test["flags"].array ?? []).compactMap(\.string)
      .filter { $0.hasPrefix(flag) }.map { String($0.dropFirst(flag.count)) }
  }

  // MARK: - Fixtures

  private static func keeps(_ yaml: String, _ meta: BlockMeta) throws -> Bool {
    let configuration = try RelabelConfiguration.parse(yaml: yaml)
    #expect(configuration.warnings.isEmpty)
    return configuration.selector.keeps(meta, without: ReplicaLabels([]))
  }

  /// A block whose identity is the number as its time and no randomness.
  private static func meta(
    _ number: Int, _ labels: [(String, String)], minTime: Int64 = 0
  ) -> BlockMeta {
    let digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    let digit = digits[digits.index(digits.startIndex, offsetBy: number)]
    let text = String(repeating: "0", count: 9) + "\(digit)" + String(repeating: "0", count: 16)
    var meta = BlockMeta(
      id: BlockID(text) ?? .zero, minTime: minTime, maxTime: minTime + 10, thanos: ThanosMeta())
    meta.compaction.sources = [meta.id]
    meta.thanos?.labels = labels.map {
      ThanosMeta.Label(name: Array($0.0.utf8), value: Array($0.1.utf8))
    }
    return meta
  }

  private static func put(
    _ number: Int, _ labels: [(String, String)], minTime: Int64 = 0, in bucket: MemoryBucket
  ) async throws -> BlockID {
    let meta = meta(number, labels, minTime: minTime)
    try await bucket.write(meta.jsonBytes(), to: meta.id.object("meta.json"))
    return meta.id
  }

  private static func fetch(
    _ rules: CatalogRules, from bucket: any Bucket, now: Int64
  ) async throws -> CatalogSnapshot {
    try await CatalogFetcher(
      bucket: bucket, rules: rules, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      now: { now }
    ).fetch()
  }
}
