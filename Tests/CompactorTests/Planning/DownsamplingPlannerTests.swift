import TSDBBlock
import Testing

@testable import Compactor

struct DownsamplingPlannerTests {
  private static let hour: Int64 = 3_600_000

  /// Blocks are written `id resolution hours sources`.
  @Test(arguments: [
    ("1 raw 39 a", ""),
    ("1 raw 40 a", "1:300000"),
    ("1 raw 48 a,b | 2 5m 48 a,b", ""),
    ("1 raw 48 a,b,c | 2 5m 48 a,b", "1:300000"),
    ("1 raw 48 a,b | 2 5m 24 a | 3 5m 24 b", ""),
    ("2 5m 239 a", ""),
    ("2 5m 240 a", "2:3600000"),
    ("1 raw 336 a | 2 5m 336 a | 3 1h 336 a", ""),
    ("3 raw 336 a | 1 raw 336 b | 2 5m 336 a", "1:300000 2:3600000"),
    ("3 1h 2000 a", ""),
  ])
  func `long blocks whose sources are not downsampled yet are due`(blocks: String, plan: String) {
    let tasks = DownsamplingPlanner.plan(Self.parse(blocks), excluding: [])
    let text = tasks.map { "\($0.block.id.timeMilliseconds):\($0.resolution)" }
    #expect(text.joined(separator: " ") == plan)
  }

  @Test func `a block with a mark is left alone and still covers its sources`() {
    let blocks = Self.parse("1 raw 48 a | 2 5m 48 a | 3 raw 48 b")
    let excluded: Set = [blocks[1].id, blocks[2].id]
    #expect(DownsamplingPlanner.plan(blocks, excluding: excluded).isEmpty)
  }

  @Test func `extreme times do not trap`() {
    let meta = BlockMeta(id: .zero, minTime: .min, maxTime: .max)
    _ = DownsamplingPlanner.plan([meta], excluding: [])
  }

  private static func parse(_ text: String) -> [BlockMeta] {
    text.split(separator: "|").map { block in
      let fields = block.split(separator: " ")
      var thanos = ThanosMeta()
      thanos.resolution = ["raw": 0, "5m": 300_000, "1h": 3_600_000][fields[1]] ?? -1
      var meta = BlockMeta(
        id: BlockID.make(now: Int64(fields[0]) ?? 0), minTime: 0,
        maxTime: (Int64(fields[2]) ?? 0) * hour, thanos: thanos)
      meta.compaction.sources = fields[3].split(separator: ",").map { name in
        BlockID("0000000000000000000000000\(name.uppercased())") ?? .zero
      }
      return meta
    }
  }
}
