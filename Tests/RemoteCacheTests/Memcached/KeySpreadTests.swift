import TestSupport
import Testing

@testable import RemoteCache

@Suite struct KeySpreadTests {
  @Test(
    arguments: [
      (1, 1, 0), (42, 57, 43), (0xDEAD_10CC, 1, 0), (0xDEAD_10CC, 666, 361), (256, 1024, 520),
    ] as [(UInt64, Int, Int)])
  func `hashes fall where published vectors say`(hash: UInt64, count: Int, place: Int) {
    #expect(JumpHash.place(of: hash, count: count) == place)
  }

  @Test func `a new server takes keys from all others and moves none between them`() {
    var random = SeededRandom(seed: 2)
    for _ in 0..<1000 {
      let hash = UInt64.random(in: 0 ... .max, using: &random)
      let before = JumpHash.place(of: hash, count: 9)
      let after = JumpHash.place(of: hash, count: 10)
      #expect(after == before || after == 9)
    }
  }

  @Test func `servers stand in the order in which people count`() {
    let names = [
      "cache-10:1", "cache-9:1", "cache-9:0", "10.0.0.2:1", "10.0.0.10:1", "cache", "Cache", "",
      "a1b2", "a1b10", "a1",
    ]
    let sorted = [
      "", "10.0.0.2:1", "10.0.0.10:1", "Cache", "a1", "a1b2", "a1b10", "cache", "cache-9:0",
      "cache-9:1", "cache-10:1",
    ]
    var random = SeededRandom(seed: 3)
    for _ in 0..<50 {
      #expect(names.shuffled(using: &random).sorted(by: NaturalOrder.precedes) == sorted)
    }
  }
}
