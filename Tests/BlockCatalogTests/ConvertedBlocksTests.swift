import Logging
import ObjectStore
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import BlockCatalog

/// Blocks that a converter made others from are hidden, where these cover whole days.
@Suite struct ConvertedBlocksTests {
  private static let day: Int64 = 86_400_000
  private let bucket = MemoryBucket()
  private let converted = CountingBucket()
  private let registry = MetricRegistry()

  private func fetcher() -> CatalogFetcher {
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    return CatalogFetcher(
      bucket: bucket, rules: CatalogRules(),
      converted: ConvertedBlocks(bucket: converted, concurrency: 4, logger: logger),
      metrics: CatalogMetrics(registry, showsCompactionMarks: false, showsConverted: true),
      logger: logger, now: { 1_800_000_000_000 })
  }

  private static func block(_ number: Int, _ minTime: Int64, _ maxTime: Int64) -> BlockMeta {
    var random = SeededRandom(seed: UInt64(number))
    let id = BlockID.make(now: Int64(number), randomness: &random)
    var meta = BlockMeta(id: id, minTime: minTime, maxTime: maxTime, thanos: ThanosMeta())
    meta.compaction.sources = [id]
    return meta
  }

  private func put(_ meta: BlockMeta) async throws {
    try await bucket.write([1], to: meta.id.object("index"))
    try await bucket.write(meta.jsonBytes(), to: meta.id.object("meta.json"))
  }

  /// A message with an integer, a text of another field, and the identities in field 6.
  private static func message(_ blocks: [BlockMeta]) -> [UInt8] {
    blocks.reduce(into: [0x08, 0x96, 0x01, 0x12, 0x01, 0x41]) { bytes, block in
      bytes += [6 << 3 | 2, 26] + Array("\(block.id)".utf8)
    }
  }

  private func convert(_ blocks: [BlockMeta], _ name: String) async throws {
    try await converted.write(Self.message(blocks), to: ObjectName(name))
  }

  @Test("blocks of whole days that were converted are hidden, whatever depth their meta.pb lies at")
  func hidden() async throws {
    let blocks = [
      Self.block(1, 0, Self.day), Self.block(2, Self.day, 2 * Self.day),
      Self.block(3, 2 * Self.day, 2 * Self.day + 1000), Self.block(4, 5 * Self.day, 6 * Self.day),
    ]
    for block in blocks { try await put(block) }
    try await convert([blocks[0]], "a/b/meta.pb")
    try await convert([blocks[1], blocks[2]], "meta.pb")
    let view = try await fetcher().look()
    #expect(view.snapshot.entries.map(\.id) == [blocks[2].id, blocks[3].id])
    #expect(view.snapshot.counts[.parquetConverted] == 2)
    let gauge = registry.gauge(
      "thanos_blocks_meta_synced", help: "", labels: ["state": "parquet-converted"])
    #expect(gauge.value == 2)
  }

  @Test("a meta.pb that cannot be used leaves what was known, and a good one is read once")
  func damaged() async throws {
    let blocks = [Self.block(1, 0, Self.day), Self.block(2, Self.day, 2 * Self.day)]
    for block in blocks { try await put(block) }
    try await convert([blocks[0]], "x/meta.pb")
    let fetcher = fetcher()
    #expect(try await fetcher.look().snapshot.entries.map(\.id) == [blocks[1].id])
    _ = converted.takeCalls()
    #expect(try await fetcher.look().snapshot.entries.map(\.id) == [blocks[1].id])
    #expect(converted.takeCalls()["read"] == nil)
    try await converted.write([0x32, 0x05, 0x41], to: ObjectName("y/meta.pb"))
    #expect(try await fetcher.look().snapshot.entries.map(\.id) == [blocks[1].id])
    try await converted.delete(ObjectName("y/meta.pb"))
    try await converted.delete(ObjectName("x/meta.pb"))
    #expect(try await fetcher.look().snapshot.entries.count == 2)
  }

  @Test("the bytes of a meta.pb, cut or flipped anywhere, are read or refused")
  func hostile() throws {
    let good = Self.message([Self.block(1, 0, 1), Self.block(2, 0, 1)])
    #expect(try ParquetMeta(good).sources.count == 2)
    for length in 0..<good.count { _ = try? ParquetMeta(Array(good[..<length])) }
    for bit in 0..<good.count * 8 {
      var bytes = good
      bytes[bit / 8] ^= 1 << (bit % 8)
      _ = try? ParquetMeta(bytes)
    }
  }

  @Test("blocks may go exactly when every day they touch is covered, looked at day by day")
  func days() {
    var random = SeededRandom(seed: 77)
    for round in 0..<400 {
      let blocks = (0..<Int.random(in: 1...9, using: &random)).map { number in
        let hours = 3_600_000 as Int64
        let start = Int64.random(in: -60...60, using: &random) * 6 * hours
        let length = Int64.random(in: 0...12, using: &random) * 6 * hours
        let jitter = Int64.random(in: -1...1, using: &random)
        return Self.block(number, start + jitter, start + jitter + length)
      }
      #expect(
        ConvertedDays.dispensable(blocks) == Self.slowly(blocks),
        "round \(round): \(blocks.map { ($0.minTime, $0.maxTime) })")
    }
  }

  @Test("blocks of any length take no time")
  func endless() {
    let all = Self.block(1, .min, .max)
    let inside = Self.block(2, 0, Self.day)
    #expect(ConvertedDays.dispensable([inside, all]).contains(inside.id))
  }

  /// Every day, every block.
  private static func slowly(_ blocks: [BlockMeta]) -> Set<BlockID> {
    func isCovered(_ start: Int64) -> Bool {
      var covered = start - 1
      for block in blocks.sorted(by: { $0.minTime < $1.minTime }) where block.maxTime > start {
        if max(block.minTime, start) > covered + 1 { break }
        covered = max(covered, min(block.maxTime, start + day - 1))
      }
      return covered >= start + day - 1
    }
    var result: Set<BlockID> = []
    for block in blocks {
      let first = Int64((Double(block.minTime) / Double(day)).rounded(.down)) * day
      let touched = stride(from: first, through: block.maxTime, by: Int(day)).filter {
        min(block.maxTime, $0 + day - 1) > max(block.minTime, $0)
      }
      if touched.allSatisfy(isCovered) { result.insert(block.id) }
    }
    return result
  }
}
