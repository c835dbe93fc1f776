import TestSupport
import Testing

@testable import CachingBucket

@Suite struct SubrangePlanTests {
  @Test(arguments: [
    ([Int](), 3, [Range<Int>]()),
    ([0, 1, 2, 5, 8, 9], 3, [0..<3, 5..<6, 8..<10]),
    ([0, 2, 4, 6], 0, [0..<1, 2..<3, 4..<5, 6..<7]),
    ([0, 2, 4, 6], 3, [0..<7]),
    ([0, 1, 4, 8, 9], 2, [0..<5, 8..<10]),
    ([0, 1, 2, 3, 4, 8, 9], 2, [0..<5, 8..<10]),
    ([0, 1, 2, 4, 6, 8, 9], 1, [0..<10]),
  ])
  func `missing pieces are joined until there are few requests`(
    missing: [Int], limit: Int, requests: [Range<Int>]
  ) {
    #expect(SubrangePlan.requests(for: missing, limit: limit) == requests)
  }

  @Test func `pieces cover the range, whatever it is`() {
    var random = SeededRandom(seed: 1)
    for _ in 0..<2000 {
      let size = Int.random(in: 0..<200, using: &random)
      let from = Int.random(in: 0..<250, using: &random)
      let range = from..<from + Int.random(in: 0..<250, using: &random)
      let plan = SubrangePlan(
        range, objectSize: size, pieceSize: Int.random(in: 1..<40, using: &random))
      var covered: [Int] = []
      for piece in plan.pieces {
        #expect(!plan.bytes(of: piece).isEmpty)
        covered += plan.bytes(of: piece)
      }
      let wanted = range.filter { $0 < size }
      #expect(wanted.allSatisfy(covered.contains))
      #expect(plan.range.elementsEqual(wanted))
      if let first = covered.first, let last = covered.last {
        #expect(first <= wanted[0] && first > wanted[0] - plan.pieceSize)
        #expect(last >= wanted[wanted.count - 1])
      } else {
        #expect(wanted.isEmpty)
      }
    }
  }
}
