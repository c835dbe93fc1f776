import TSDBBlock
import TestSupport
import Testing

/// `store/regex.jsonl`: patterns and values as the regular expressions of the reference see them.
@Suite struct RegexGoldenTests {
  @Test func `patterns match what the engine of the reference matches`() throws {
    for test in try Golden.jsonLines("store/regex.jsonl") {
      let pattern = Array((test["pattern"].string ?? "").utf8)
      let answer = test["correct"].isNull ? test : test["correct"]
      guard answer["valid"].bool ?? true else {
        #expect(throws: BlockError.self, "\(test)") { try RegexMatcher(pattern) }
        continue
      }
      do {
        let matcher = try RegexMatcher(pattern)
        guard let matches = answer["matches"].bool ?? test["correct"].bool else { continue }
        let value =
          try test["value_hex"].string.map { try #require(hexBytes($0)) }
          ?? Array((test["value"].string ?? "").utf8)
        #expect(matcher.matches(value.rawSpan) == matches, "\(test)")
      } catch {
        Issue.record("\(test): \(error)")
      }
    }
  }
}
