import TSDBBlock
import TestSupport
import Testing

@testable import BlockCatalog

struct CatalogGoldenTests {
  @Test func `the duplicates of every case are found`() throws {
    for test in try Golden.jsonLines("compact/garbage.jsonl") {
      let blocks = try (test["blocks"].array ?? []).map(block)
      let duplicates = DuplicateRule.duplicates(of: blocks)
      let expected = try (test["duplicates"].array ?? []).map { try id($0) }
      #expect(
        duplicates == Set(expected), "\(test["id"].string ?? "") \(test["note"].string ?? "")")
    }
  }

  @Test func `every group has the key of the reference`() throws {
    for test in try Golden.jsonLines("compact/groupkey.jsonl") {
      let key = GroupKey(
        resolution: try #require(test["resolution"].int64), labels: labels(test["labels"]))
      #expect(key.description == test["key"].string, "\(test["id"].string ?? "")")
    }
  }

  @Test func `fresh blocks are hidden as the reference hides them`() throws {
    let now: Int64 = 1_800_000_000_000
    for test in try Golden.jsonLines("compact/consistency.jsonl") {
      let delay = ConsistencyDelay(milliseconds: try #require(test["delayMs"].int64))
      for block in test["blocks"].array ?? [] {
        let idAge = try #require(block["ulidAgeMs"].int64)
        var meta = BlockMeta(
          id: BlockID.make(now: now - idAge),
          minTime: 0, maxTime: 1, thanos: ThanosMeta())
        meta.thanos?.source = try #require(block["source"].string)
        if let age = block["uploadAgeMs"].int64 {
          meta.thanos?.uploadTime = UploadTime(milliseconds: now - age)
        }
        #expect(
          delay.keeps(meta, now: now) == block["kept"].bool, "\(test["id"].string ?? "") \(block)")
      }
    }
  }

  private func block(_ value: JSONValue) throws -> BlockMeta {
    var meta = BlockMeta(
      id: try id(value["ulid"]), minTime: try #require(value["min"].int64),
      maxTime: try #require(value["max"].int64), thanos: ThanosMeta())
    meta.compaction.sources = try (value["sources"].array ?? []).map { try id($0) }
    meta.thanos?.resolution = value["resolution"].int64 ?? 0
    meta.thanos?.labels = labels(value["labels"])
    return meta
  }

  private func labels(_ value: JSONValue) -> [ThanosMeta.Label] {
    guard case .object(let members) = value else { return [] }
    return members.map {
      ThanosMeta.Label(name: Array($0.key.utf8), value: Array(($0.value.string ?? "").utf8))
    }
  }

  private func id(_ value: JSONValue) throws -> BlockID {
    let text = try #require(value.string)
    return try #require(BlockID(text))
  }
}
