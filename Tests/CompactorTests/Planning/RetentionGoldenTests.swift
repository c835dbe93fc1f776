import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

struct RetentionGoldenTests {
  @Test func `blocks expire when the reference says so`() throws {
    let now: Int64 = 1_700_000_000_000
    var compared = 0
    for item in try Golden.jsonLines("compact/retention.jsonl") {
      let retention = item["retentionMs"]
      let policy = RetentionPolicy(
        raw: retention["raw"].int64 ?? 0, fiveMinutes: retention["5m"].int64 ?? 0,
        oneHour: retention["1h"].int64 ?? 0)
      var expected: [String: String] = [:]
      for mark in item["marked"].array ?? [] {
        expected[mark["ulid"].string ?? ""] = mark["details"].string
      }
      for block in item["blocks"].array ?? [] {
        let name = try #require(block["ulid"].string)
        var thanos = ThanosMeta()
        thanos.resolution = block["resolution"].int64 ?? 0
        let age = try #require(block["maxTimeAgeMs"].int64)
        let meta = BlockMeta(
          id: try #require(BlockID(name)), minTime: now - age - 7_200_000, maxTime: now - age,
          thanos: thanos)
        let details = policy.isOver(meta, now: now) ? policy.details(for: meta) : nil
        #expect(details == expected[name], "\(item["id"]) \(name)")
        compared += 1
      }
    }
    #expect(compared > 0)
  }

  @Test(
    arguments: [
      (0, "0s"), (20, "20ms"), (1500, "1.5s"), (60_000, "1m0s"), (129_601_500, "36h0m1.5s"),
      (31_536_000_000, "8760h0m0s"),
    ] as [(Int64, String)])
  func `durations read as Go prints them`(milliseconds: Int64, text: String) {
    #expect(GoDuration.text(milliseconds: milliseconds) == text)
  }

  @Test func `extreme times do not trap`() {
    let policy = RetentionPolicy(raw: .max, fiveMinutes: .max, oneHour: .max)
    for time in [Int64.min, -1, 0, Int64.max] {
      let meta = BlockMeta(id: .zero, minTime: time, maxTime: time)
      #expect(!policy.isOver(meta, now: Int64.max) || time < 0)
    }
  }
}
