import TestSupport
import Testing

@testable import StoreGateway

@Suite struct BlockSelectionTests {
  static let minute5: Int64 = 300_000
  static let hour: Int64 = 3_600_000

  static func extents(_ resolution: Int64, _ ranges: [(Int64, Int64)]) -> [BlockExtent] {
    ranges.map { BlockExtent(minTime: $0.0, maxTime: $0.1, resolution: resolution) }
  }

  static let mixed =
    extents(
      0,
      [
        (0, 100), (100, 200), (100, 200), (200, 299), (200, 300), (300, 400), (300, 600),
        (400, 500),
      ])
    + extents(minute5, [(0, 100), (100, 200), (200, 300), (300, 400)])
    + extents(hour, [(100, 200), (200, 300)])

  static func chosen(_ minTime: Int64, _ maxTime: Int64, _ resolution: Int64) -> [BlockExtent] {
    BlockSelection(mixed).blocks(minTime: minTime, maxTime: maxTime, maxResolution: resolution)
      .map { mixed[$0] }
  }

  @Test func `a raw query gets every raw block in the order of time`() {
    #expect(Self.chosen(-100, 1000, 0) == Array(Self.mixed[0..<8]))
  }

  @Test func `blocks of a finer range end where the query does, inclusively`() {
    // 5 minutes are not allowed by one millisecond.
    #expect(Self.chosen(100, 400, 299_999) == Array(Self.mixed[1..<8]))
  }

  @Test func `coarser blocks replace finer ones where they exist`() {
    #expect(
      Self.chosen(100, 500, Self.minute5)
        == Self.extents(Self.minute5, [(100, 200), (200, 300), (300, 400)])
        + Self.extents(0, [(300, 600), (400, 500)]))
    #expect(
      Self.chosen(0, 500, Self.hour)
        == Self.extents(Self.minute5, [(0, 100)]) + Self.extents(Self.hour, [(100, 200)])
        + Self.extents(Self.hour, [(200, 300)]) + Self.extents(Self.minute5, [(300, 400)])
        + Self.extents(0, [(300, 600), (400, 500)]))
  }

  @Test func `an inverted range and unknown resolutions give nothing`() {
    #expect(Self.chosen(10, 9, 0).isEmpty)
    let odd = BlockSelection(Self.extents(60_000, [(0, 10)]))
    #expect(odd.blocks(minTime: 0, maxTime: 10, maxResolution: Self.hour).isEmpty)
  }

  @Test func `a negative resolution is like zero and extreme times do not trap`() {
    #expect(Self.chosen(.min, .max, -1) == Array(Self.mixed[0..<8]))
    let extreme = BlockSelection(Self.extents(Self.hour, [(.min, .max)]))
    #expect(extreme.blocks(minTime: .min, maxTime: .max, maxResolution: .max) == [0])
  }

  @Test func `a short block inside a longer one does not reopen the time after it`() {
    let blocks = Self.extents(Self.hour, [(0, 100), (10, 20)]) + Self.extents(0, [(0, 100)])
    let chosen = BlockSelection(blocks).blocks(minTime: 0, maxTime: 99, maxResolution: Self.hour)
    #expect(chosen == [0, 1])
  }

  @Test func `blocks that tile time are chosen as a tiling without overlap`() {
    let bounds: [Int64] = [0, 100, 200, 600, 1000, 1750, 7000, 14000]
    let blocks =
      Self.extents(0, Array(zip(bounds, bounds.dropFirst())))
      + Self.extents(Self.minute5, [(1000, 1750), (1750, 7000), (7000, 14000)])
      + Self.extents(Self.hour, [(1750, 7000), (14000, 21000)])
    let selection = BlockSelection(blocks)
    var random = SeededRandom(seed: 9)
    for _ in 0..<20_000 {
      let minTime = Int64.random(in: 0..<21000, using: &random)
      let maxTime = Int64.random(in: minTime..<21000, using: &random)
      let chosen = selection.blocks(
        minTime: minTime, maxTime: maxTime, maxResolution: Self.hour
      ).map { blocks[$0] }
      guard let first = chosen.first, let last = chosen.last else {
        Issue.record("nothing for \(minTime)…\(maxTime)")
        continue
      }
      let joined = zip(chosen, chosen.dropFirst()).allSatisfy { $0.maxTime == $1.minTime }
      #expect(first.minTime <= minTime && last.maxTime > maxTime && joined)
    }
  }
}

@Suite struct TimeCoverageTests {
  static func union(_ ranges: [(Int64, Int64)]) -> [[Int64]] {
    TimeCoverage.union(of: ranges.map { ($0.0, $0.1) }).map { [$0.minTime, $0.maxTime] }
  }

  @Test func `ranges that touch or overlap become one`() {
    #expect(
      Self.union([(3500, 5000), (0, 1000), (1000, 2000), (3000, 4000)])
        == [[0, 2000], [3000, 5000]])
    #expect(Self.union([(0, 1000), (500, 2000)]) == [[0, 2000]])
    #expect(Self.union([(0, 1000), (2000, 3000)]) == [[0, 1000], [2000, 3000]])
  }

  @Test func `a range inside a longer one does not shorten it`() {
    #expect(Self.union([(0, 5000), (1000, 2000)]) == [[0, 5000]])
  }
}
