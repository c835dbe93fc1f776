import TestSupport
import Testing

@testable import TSDBBlock

@Suite struct LabelTests {
  @Test func `labels are sorted by bytes and empty values dropped`() {
    let set = LabelSet(["job": "api", "__name__": "up", "A": "x", "gone": ""])
    #expect(set.description == #"{A="x", __name__="up", job="api"}"#)
    #expect(set.isSorted)
    #expect(set.value(of: "job") == Array("api".utf8))
    #expect(set.value(of: "gone") == nil)
  }

  @Test func `canonically equivalent texts stay different`() {
    let composed = LabelSet(["a": "\u{e9}"])
    let decomposed = LabelSet(["a": "e\u{301}"])
    #expect(composed != decomposed)
    #expect(decomposed < composed)
  }

  @Test func `a prefix sorts first and values count before later names`() {
    #expect(LabelSet(["a": "1"]) < LabelSet(["a": "1", "b": "0"]))
    #expect(LabelSet(["a": "1", "b": "0"]) < LabelSet(["a": "2"]))
    #expect(LabelSet(["a": "10"]) < LabelSet(["a": "2"]))
    #expect(!(LabelSet(["a": "1"]) < LabelSet(["a": "1"])))
  }

  @Test func `text that a selector cannot hold bare is quoted and escaped`() {
    #expect(LabelText.name(Array("my.metric".utf8)) == "\"my.metric\"")
    #expect(LabelText.quoted(Array("a\"b\\c\nd".utf8)) == #""a\"b\\c\nd""#)
    #expect(LabelText.quoted([0x61, 0xFF, 0xC3]) == #""a\xff\xc3""#)
  }

  @Test(arguments: [
    ("=", "", "", true), ("=", "a", "", false), ("!=", "a", "", true), ("!=", "", "", false),
    ("=~", "a|", "", true), ("=~", ".+", "", false), ("!~", ".+", "", true),
    ("!~", "a?", "", false),
    ("=~", "a.c", "a\nc", true), ("=~", "b", "abc", false), ("=~", "(?i)ab", "AB", true),
    ("=~", "prod-.*", "prod-", true), ("=~", "prod-.+", "prod-", false),
    ("=~", ".*-x", "a-x", true), ("=~", ".+-x", "-x", false), ("=~", "(a|b)", "b", true),
    ("!~", "a|b", "c", true), ("=~", "a|b", "ab", false),
  ])
  func `a matcher follows the empty value rule and is anchored`(
    operation: String, pattern: String, value: String, expected: Bool
  ) throws {
    let kinds: [String: LabelMatcher.Kind] = [
      "=": .equal, "!=": .notEqual, "=~": .regex, "!~": .notRegex,
    ]
    let matcher = try LabelMatcher(#require(kinds[operation]), "l", pattern)
    #expect(matcher.matches(Array(value.utf8)) == expected)
    #expect(matcher.matchesEmpty == matcher.matches([UInt8]()))
  }

  @Test func `an invalid pattern is refused with the reason`() {
    let error = #expect(throws: BlockError.self) { try LabelMatcher(.regex, "l", "a(b") }
    #expect(error?.code == .invalidMatcher)
    #expect(error?.description.contains("missing ): a(b") == true)
  }

  @Test func `shapes answer what the engine answers`() throws {
    let patterns = [
      "", "a", "a|b", "(a|b|)", "(?:x|y)", ".*", ".+", "a.*", "a.+", ".*a", ".+a", "a|.*", "|",
      "(a)(b)", "a.", "\u{e9}.*", "(a|b",
    ]
    let values = ["", "a", "b", "ab", "ba", "x", "aa", "\n", "a\n", "\u{e9}", "\u{e9}z", "ab|"]
    for pattern in patterns {
      guard let regex = try? RegexMatcher(Array(pattern.utf8)) else {
        #expect(pattern == "(a|b")
        continue
      }
      for value in values {
        let bytes = Array(value.utf8)
        let shaped = regex.matches(bytes.rawSpan)
        let engine = regex.engineMatches(bytes.rawSpan)
        #expect(shaped == engine, "\(pattern) on \(value)")
      }
    }
  }

  @Test func `a byte that is not UTF-8 matches a dot once`() throws {
    let regex = try RegexMatcher(Array("a.b".utf8))
    let one: [UInt8] = [0x61, 0xFF, 0x62]
    let two: [UInt8] = [0x61, 0xFF, 0xFE, 0x62]
    let matchesOne = regex.matches(one.rawSpan)
    let matchesTwo = regex.matches(two.rawSpan)
    #expect(matchesOne)
    #expect(!matchesTwo)
  }
}
