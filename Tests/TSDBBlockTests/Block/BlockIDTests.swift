import TestSupport
import Testing

@testable import TSDBBlock

struct BlockIDTests {
  @Test func `the text of an identity reads back as the same identity`() throws {
    var random = SeededRandom(seed: 1)
    for _ in 0..<200 {
      let id = BlockID.make(
        now: Int64.random(in: 0..<1 << 48, using: &random), randomness: &random)
      #expect(BlockID(id.description) == id)
    }
  }

  @Test func `the first ten characters are the time`() throws {
    let id = try #require(BlockID("00000000050000000000000000"))
    #expect(id.timeMilliseconds == 5)
    #expect(BlockID("7ZZZZZZZZZZZZZZZZZZZZZZZZZ")?.timeMilliseconds == 1 << 48 - 1)
    #expect(BlockID("01HRHZ2KZ8H174NHP7YJ73AGKH")?.timeMilliseconds == 1_710_000_001_000)
  }

  @Test(arguments: [
    "", "01HRHZ2KZ8H174NHP7YJ73AGK", "01HRHZ2KZ8H174NHP7YJ73AGKHH", "81HRHZ2KZ8H174NHP7YJ73AGKH",
    "01hrhz2kz8h174nhp7yj73agkh", "01HRHZ2KZ8H174NHP7YJ73AGKI", "01HRHZ2KZ8H174NHP7YJ73AGKL",
    "01HRHZ2KZ8H174NHP7YJ73AGKO", "01HRHZ2KZ8H174NHP7YJ73AGKU", "01HRHZ2KZ8H174NHP7YJ73AGé",
    "01HRHZ2KZ8H174NHP7YJ73AG/H",
  ])
  func `anything but a proper ULID is refused`(text: String) {
    #expect(BlockID(text) == nil)
  }

  @Test func `lower case is read only on request`() {
    #expect(
      BlockID(ignoringCase: "01hrhz2kz8h174nhp7yj73agkh") == BlockID("01HRHZ2KZ8H174NHP7YJ73AGKH"))
  }

  @Test func `identities sort as their texts do`() throws {
    var random = SeededRandom(seed: 2)
    let ids = (0..<100).map { _ in
      BlockID.make(now: Int64.random(in: 0..<4, using: &random), randomness: &random)
    }
    let byText = ids.map(\.description).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
    #expect(ids.sorted().map(\.description) == byText)
  }
}
