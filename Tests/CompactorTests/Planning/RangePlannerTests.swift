import TSDBBlock
import Testing

@testable import Compactor

/// Blocks are written `number min max [options]`: `!` marked no-compact, `f` failed,
/// `s` series, `t` tombstones.
struct RangePlannerTests {
  private let planner = RangePlanner(ranges: [20, 60, 180, 540, 1620])

  @Test(arguments: [
    ("", ""),
    ("1 0 20", ""),
    ("1 0 20, 2 20 40", ""),
    ("1 0 20, 2 20 40, 3 40 60", ""),
    ("1 0 20, 2 20 40, 3 40 60, 4 60 80", "1 2 3"),
    ("6 0 60, 7 60 120, 8 120 180, 9 180 200, 10 200 220", "6 7 8"),
    ("1 0 20, 2 20 40, 4 60 80", ""),
    ("1 0 20, 2 20 40, 4 60 80, 5 80 100", "1 2"),
    ("1 0 20, 2 20 40, 3 40 60, 4 60 120, 5 120 180", "1 2 3"),
    ("6 0 60, 8 120 180, 9 180 200, 10 200 220", "6 8"),
    ("2 20 40, 4 60 120, 6 120 180, 7 720 960, 5 960 980", "2 4 6"),
    ("1 0 540 s10 t3", ""),
    ("1 0 540 s10 t3, 2 540 560", "1"),
    ("1 0 60 s10 t3, 2 60 80", ""),
    ("1 0 540, 2 540 560", ""),
    ("5 0 360, 7 360 420, 8 420 540, 6 540 560", "7 8"),
    ("1 0 20, 2 19 40, 3 40 60", "1 2"),
    ("1 0 20, 2 20 40, 3 30 50", "2 3"),
    ("1 0 20, 2 10 40, 3 30 50", "1 2 3"),
    ("5 0 360, 6 340 560, 7 360 420, 8 420 540", "5 6 7 8"),
    ("1 0 10, 2 9 20, 3 30 40, 4 39 50", "1 2"),
    ("1 -60 -40, 2 -40 -20, 3 -20 0, 4 0 20", "1 2 3"),
  ])
  func `blocks are chosen by overlap, window and tombstones`(blocks: String, plan: String) throws {
    #expect(try planned(blocks) == plan)
  }

  @Test(arguments: [
    "1 0 20, 2 20 40 f, 3 40 60, 4 60 80",
    "1 0 20, 2 20 40 f, 4 60 80, 5 80 100",
    "1 0 20, 2 20 40 f, 3 40 60, 4 60 120, 5 120 180, 6 180 200",
  ])
  func `a window with a failed block is left alone`(blocks: String) throws {
    #expect(try planned(blocks) == "")
  }

  @Test(arguments: [
    ("1 0 20 !", ""),
    ("1 0 20 !, 2 20 40, 3 40 60, 4 60 80", "2 3"),
    ("1 0 20, 2 20 40 !, 3 40 60, 4 60 80", ""),
    ("1 0 20, 2 20 40, 3 40 60, 4 60 80 !", "1 2 3"),
    ("1 0 20 !, 2 20 40, 3 40 60, 4 60 80 !", "2 3"),
    ("1 0 20 !, 2 20 40 !, 3 40 60 !, 4 60 80 !", ""),
    ("1 0 20, 2 20 40 !, 4 60 80, 5 80 100", ""),
    ("2 20 40, 4 60 120, 6 120 180 !, 7 720 960, 5 960 980", "2 4"),
    ("2 20 40, 4 60 120 !, 6 120 180, 7 720 960, 5 960 980", ""),
    ("1 0 540 s10 t3 !, 2 540 560", ""),
    ("1 0 20 !, 2 19 40, 3 40 60", ""),
  ])
  func `marked blocks keep their place and are not joined over`(
    blocks: String, plan: String
  ) throws {
    #expect(try planned(blocks) == plan)
  }

  @Test func `extreme times do not trap`() {
    let times: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max]
    for minTime in times {
      for maxTime in times {
        let blocks = (0..<3).map { _ in BlockMeta(id: .zero, minTime: minTime, maxTime: maxTime) }
        _ = planner.plan(blocks)
        _ = BlockOverlap.all(in: blocks)
      }
    }
  }

  private func planned(_ text: String) throws -> String {
    var blocks: [BlockMeta] = []
    var marked: Set<BlockID> = []
    for entry in text.split(separator: ", ") {
      let words = entry.split(separator: " ")
      let id = BlockID.make(now: try #require(Int64(words[0])))
      var meta = BlockMeta(
        id: id, minTime: try #require(Int64(words[1])), maxTime: try #require(Int64(words[2])))
      for option in words.dropFirst(3) {
        switch option.first {
        case "!": marked.insert(id)
        case "f": meta.compaction.failed = true
        case "s": meta.stats.series = try #require(UInt64(option.dropFirst()))
        case "t": meta.stats.tombstones = try #require(UInt64(option.dropFirst()))
        default: Issue.record("unknown option \(option)")
        }
      }
      blocks.append(meta)
    }
    let plan = planner.plan(blocks, excluding: marked)
    return plan.map { "\($0.id.timeMilliseconds)" }.joined(separator: " ")
  }
}
