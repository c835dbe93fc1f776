import IndexCache
import TSDBBlock
import TestSupport
import Testing

@Suite struct IndexCacheItemTests {
  @Test func `items of different kinds with the same text are different`() {
    let items: Set<IndexCacheItem> = [
      .postings(name: Array("a".utf8), value: []), .expandedPostings(matchers: "a"),
      .series(offset: 97),
    ]
    #expect(items.count == 3)
  }

  @Test func `where a name ends is part of the item`() {
    let items: Set<IndexCacheItem> = [
      .postings(name: Array("ab".utf8), value: Array("c".utf8)),
      .postings(name: Array("a".utf8), value: Array("bc".utf8)),
    ]
    #expect(items.count == 2)
  }

  @Test func `texts that Unicode calls the same are different items`() {
    let composed = "name=\"\u{E9}\""
    let decomposed = "name=\"e\u{301}\""
    #expect(composed == decomposed)
    #expect(
      IndexCacheItem.expandedPostings(matchers: composed)
        != .expandedPostings(matchers: decomposed))
    let items: Set<IndexCacheItem> = [
      .expandedPostings(matchers: composed), .expandedPostings(matchers: decomposed),
    ]
    #expect(items.count == 2)
  }

  @Test func `the order of matchers does not matter`() throws {
    let matchers = [
      try LabelMatcher(.notRegex, "a", "x.*"), try LabelMatcher(.regex, "a", "y.*"),
      try LabelMatcher(.notEqual, "a", "2"), try LabelMatcher(.notEqual, "a", "1"),
      try LabelMatcher(.equal, "b", "1"), try LabelMatcher(.equal, "B", "1"),
    ]
    let expected = IndexCacheItem.expandedPostings(
      matchers: #"B="1";b="1";a!="1";a!="2";a=~"y.*";a!~"x.*""#)
    var random = SeededRandom(seed: 7)
    for _ in 0..<50 {
      #expect(.expandedPostings(of: matchers.shuffled(using: &random)) == expected)
    }
  }

  @Test func `bytes that are no UTF-8 are escaped in the text`() throws {
    let matcher = try LabelMatcher(.equal, name: [0xFF], value: [0x61, 0xC3])
    #expect(MatcherText.joined([matcher]) == #""\xff"="a\xc3""#)
  }
}
