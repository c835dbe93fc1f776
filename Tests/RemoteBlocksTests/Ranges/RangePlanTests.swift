import TestSupport
import Testing

@testable import RemoteBlocks

@Suite struct RangePlanTests {
  private func plan(_ wanted: [Range<Int>], gap: Int = 10, part: Int = 100) -> [Range<Int>] {
    RangePlan(wanted, limits: RangePlan.Limits(gap: gap, part: part)).parts.map(\.range)
  }

  @Test("ranges join up to the gap and not beyond it")
  func joins() {
    #expect(plan([0..<5, 15..<20]) == [0..<20])
    #expect(plan([0..<5, 16..<20]) == [0..<5, 16..<20])
    #expect(plan([0..<5, 3..<4, 4..<30]) == [0..<30])
    #expect(plan([]) == [])
  }

  @Test("a part of several ranges stays below the limit, a long range is a part of its own")
  func limits() {
    #expect(plan([0..<60, 60..<120, 120..<130]) == [0..<60, 60..<130])
    #expect(plan([0..<500, 400..<450, 505..<510]) == [0..<500, 505..<510])
  }

  @Test("every range lies in the part that names it, and parts are in order", arguments: 0..<20)
  func coversAll(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var start = 0
    let wanted = (0..<200).map { _ in
      start += Int.random(in: 0..<40, using: &random)
      return start..<start + Int.random(in: 0..<60, using: &random)
    }
    let plan = RangePlan(wanted, limits: RangePlan.Limits(gap: 12, part: 150))
    var next = 0
    for part in plan.parts {
      #expect(part.wanted.lowerBound == next)
      next = part.wanted.upperBound
      for place in part.wanted {
        #expect(part.range.lowerBound <= wanted[place].lowerBound)
        #expect(part.range.upperBound >= wanted[place].upperBound)
      }
      #expect(part.range.lowerBound == wanted[part.wanted.lowerBound].lowerBound)
      #expect(part.range.count <= 150)
    }
    #expect(next == wanted.count)
  }
}
