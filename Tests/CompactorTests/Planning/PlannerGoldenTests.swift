import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

struct PlannerGoldenTests {
  @Test(arguments: ["tsdb", "base", "large-index", "vertical-downsample"])
  func `every plan equals that of the reference`(kind: String) throws {
    let cases = try Golden.jsonLines("compact/planner.jsonl").filter { $0["kind"].string == kind }
    try #require(!cases.isEmpty)
    for test in cases {
      let blocks = try (test["blocks"].array ?? []).map(block)
      let name = "\(test["id"].string ?? "") \(test["note"].string ?? "")"
      try checkOverlaps(test, blocks, name)
      let planner = CompactionPlanner(
        ranges: RangePlanner(ranges: (test["ranges"].array ?? []).compactMap(\.int64)),
        // Absent fields are zero in these files.
        indexSizeLimit: kind == "tsdb" || kind == "base" ? nil : test["indexSizeLimit"].int64 ?? 0,
        mergesOverlaps: test["vertical"].bool ?? false)
      let marked = Set(try (test["noCompactMarked"].array ?? []).map { try id($0) })
      let sizes = try indexSizes(test)
      if test["error"].string != nil, !blocks.isEmpty {
        #expect(throws: CompactionPlanner.UnknownIndexSize.self, "\(name)") {
          try planner.plan(blocks, excluding: marked, indexSizes: sizes)
        }
        continue
      }
      let plan = try planner.plan(blocks, excluding: marked, indexSizes: sizes)
      #expect(
        plan.blocks.map(\.id) == (try (test["plan"].array ?? []).map { try id($0) }), "\(name)")
      #expect(plan.marks == (try (test["newMarks"].array ?? []).map(mark)), "\(name)")
    }
  }

  private func checkOverlaps(_ test: JSONValue, _ blocks: [BlockMeta], _ name: String) throws {
    let expected = try (test["overlaps"].array ?? []).map { overlap in
      BlockOverlap(
        minTime: try #require(overlap["min"].int64), maxTime: try #require(overlap["max"].int64),
        blocks: try (overlap["ulids"].array ?? []).map { try id($0) })
    }
    // The reference keeps one overlap per span, and its spans never begin before 1970.
    var bySpan: [[Int64]: BlockOverlap] = [:]
    for var overlap in BlockOverlap.all(in: blocks) {
      overlap.minTime = max(overlap.minTime, 0)
      bySpan[[overlap.minTime, overlap.maxTime]] = overlap
    }
    for overlap in expected {
      #expect(bySpan[[overlap.minTime, overlap.maxTime]] == overlap, "\(name)")
    }
    #expect(bySpan.count == expected.count, "\(name)")
  }

  private func block(_ value: JSONValue) throws -> BlockMeta {
    var meta = BlockMeta(
      id: try id(value["ulid"]), minTime: try #require(value["min"].int64),
      maxTime: try #require(value["max"].int64), thanos: ThanosMeta())
    meta.compaction.sources = try (value["sources"].array ?? []).map { try id($0) }
    meta.compaction.failed = value["failed"].bool ?? false
    meta.stats.series = UInt64(value["numSeries"].int64 ?? 0)
    meta.stats.tombstones = UInt64(value["numTombstones"].int64 ?? 0)
    meta.thanos?.resolution = value["resolution"].int64 ?? 0
    if let size = value["indexSizeInMeta"].int64 {
      meta.thanos?.files = [ThanosMeta.File(path: "index", size: size)]
    }
    return meta
  }

  private func indexSizes(_ test: JSONValue) throws -> [BlockID: Int64] {
    var sizes: [BlockID: Int64] = [:]
    for block in test["blocks"].array ?? [] {
      sizes[try id(block["ulid"])] = block["indexSizeInBucket"].int64
    }
    return sizes
  }

  private func mark(_ value: JSONValue) throws -> CompactionPlanner.Mark {
    CompactionPlanner.Mark(
      id: try id(value["ulid"]), reason: try #require(value["reason"].string),
      details: value["details"].string ?? "")
  }

  private func id(_ value: JSONValue) throws -> BlockID {
    let text = try #require(value.string)
    return try #require(BlockID(text))
  }
}
