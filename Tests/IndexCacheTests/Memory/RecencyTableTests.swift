import TestSupport
import Testing

@testable import IndexCache

@Suite struct RecencyTableTests {
  /// Few hashes, so that most entries collide.
  @Test(arguments: [1, 7, 1 << 31, UInt32.max])
  func `it finds and forgets what a list does, also when hashes collide`(hashes: UInt32) {
    var random = SeededRandom(seed: UInt64(hashes))
    var table = RecencyTable<Int, Int>()
    var list: [(key: Int, value: Int)] = []
    func hash(_ key: Int) -> UInt32 {
      UInt32(truncatingIfNeeded: UInt64(key) &* 0x9E37_79B9_7F4A_7C15 >> 20) % hashes
    }
    for step in 0..<3000 {
      let key = Int.random(in: 0..<1500, using: &random)
      let known = list.firstIndex { $0.key == key }
      let value = table.value(for: key, hash: hash(key))
      #expect(value == known.map { list[$0].value })
      if let known {
        list.append(list.remove(at: known))
      } else if step % 5 == 0, let first = list.first {
        let removed = table.removeOldest()
        #expect(removed?.key == first.key && removed?.value == first.value)
        list.removeFirst()
      } else {
        table.insert(step, for: key, hash: hash(key))
        list.append((key, step))
      }
      if hashes == 1, list.count > 300 { break }
    }
    #expect(table.count == list.count)
    while let removed = table.removeOldest() {
      #expect(removed.key == list.removeFirst().key)
    }
    #expect(list.isEmpty)
    #expect(table.count == 0)
  }
}
