import BlockCatalog
import TSDBBlock
import Testing

@testable import Compactor

struct PendingWorkTests {
  private static let hour: Int64 = 3_600_000
  private static let day: Int64 = 24 * hour

  /// Groups of blocks `from-to` in hours; the planner's ranges are 1, 2, 4 and 8 hours.
  @Test(arguments: [
    ("a: 0-2 2-4; b: 4-6 6-8 8-10; c: 10-12 12-20 20-28", 1, 2),
    ("a: 0-2 2-4 4-6 6-8 8-10; b: 2-4 4-6", 3, 6),
    ("a: 2-4 4-6 6-8 10-12", 1, 2),
    ("a: 0-2", 0, 0),
    ("", 0, 0),
  ])
  func `merges are counted as if they had been made`(text: String, runs: Int, blocks: Int) {
    let work = Self.work(text)
    #expect(work.compactions.count == runs)
    #expect(work.compactions.reduce(0) { $0 + $1.inputs.count } == blocks)
  }

  @Test func `a group with overlapping blocks has no merges unless these are wanted`() {
    #expect(Self.work("a: 0-2 1-3 3-5").compactions.isEmpty)
    #expect(Self.work("a: 0-2 1-3 3-5").overlaps.count == 1)
    let vertical = Self.work("a: 0-2 1-3 3-5") { configuration in
      configuration.overlaps = .chain
      configuration.planner.mergesOverlaps = true
    }
    #expect(vertical.compactions.map(\.isVertical) == [true])
    #expect(vertical.overlaps.isEmpty)
  }

  @Test(arguments: [
    ("180 270", "120 30", "120", 3), ("10 20", "10 20", "10", 0), ("160", "100", "200", 3),
  ])
  func `blocks beyond retention are counted`(
    raw: String, fiveMinutes: String, oneHour: String, count: Int
  ) {
    let now = 1000 * Self.day
    var snapshot = CatalogSnapshot()
    for (ages, resolution) in [
      (raw, Resolution.raw), (fiveMinutes, Resolution.fiveMinutes), (oneHour, Resolution.oneHour),
    ] {
      for age in ages.split(separator: " ") {
        let end = now - (Int64(age) ?? 0) * Self.day
        snapshot.add(Self.meta(end - Self.hour, end, "a", resolution, snapshot.entries.count))
      }
    }
    var configuration = CompactorConfiguration(dataDirectory: "/nowhere")
    configuration.retention = RetentionPolicy(
      raw: 150 * Self.day, fiveMinutes: 90 * Self.day, oneHour: 180 * Self.day)
    #expect(PendingWork(snapshot, configuration, now: now).expired.count == count)
    configuration.retention = RetentionPolicy()
    #expect(PendingWork(snapshot, configuration, now: now).expired.isEmpty)
  }

  @Test func `every block of a bucket has a fate and a reason`() {
    var snapshot = Self.snapshot("a: 0-2 2-4 4-6 6-8 8-10; b: 0-1; c: 0-2 1-3")
    snapshot.partials.append(
      CatalogSnapshot.Partial(id: .zero, state: .noMeta, reason: "meta.json is missing"))
    snapshot.hidden[BlockID.make(now: 77)] = .tooFresh
    let plan = BucketPlan(snapshot, Self.configuration, indexSizes: [:], now: 0)
    #expect(plan.blocks.count == snapshot.entries.count + 2)
    let reasons = Set(plan.blocks.map(\.reason))
    #expect(reasons.contains("merged with 1 block to level 2"))
    #expect(reasons.contains("the youngest of its group, may still be replaced by its maker"))
    #expect(reasons.contains("the only block of its group"))
    #expect(reasons.contains("meta.json is missing"))
    #expect(reasons.contains("younger than --consistency-delay"))
    #expect(reasons.contains { $0.hasPrefix("overlaps ") })
  }

  private static var configuration: CompactorConfiguration {
    var configuration = CompactorConfiguration(dataDirectory: "/nowhere")
    configuration.planner = CompactionPlanner(
      ranges: RangePlanner(ranges: [1, 2, 4, 8].map { $0 * hour }))
    return configuration
  }

  private static func work(
    _ text: String, _ configure: (inout CompactorConfiguration) -> Void = { _ in }
  ) -> PendingWork {
    var configuration = configuration
    configure(&configuration)
    return PendingWork(snapshot(text), configuration, now: 0)
  }

  private static func snapshot(_ text: String) -> CatalogSnapshot {
    var snapshot = CatalogSnapshot()
    for group in text.split(separator: ";") {
      let parts = group.split(separator: ":")
      for block in parts[1].split(separator: " ") {
        let ends = block.split(separator: "-").compactMap { Int64($0) }
        let name = parts[0].filter { $0 != " " }
        snapshot.add(
          meta(ends[0] * hour, ends[1] * hour, String(name), 0, snapshot.entries.count))
      }
    }
    return snapshot
  }

  private static func meta(
    _ minTime: Int64, _ maxTime: Int64, _ label: String, _ resolution: Int64, _ number: Int
  ) -> BlockMeta {
    var thanos = ThanosMeta()
    thanos.labels = [.init(name: Array("group".utf8), value: Array(label.utf8))]
    thanos.resolution = resolution
    let id = BlockID.make(now: Int64(1_000_000 + number))
    var meta = BlockMeta(id: id, minTime: minTime, maxTime: maxTime, thanos: thanos)
    meta.compaction.sources = [id]
    meta.compaction.level = 1
    return meta
  }
}

extension CatalogSnapshot {
  fileprivate mutating func add(_ meta: BlockMeta) {
    entries.append(Entry(meta: meta))
  }
}
