import TestSupport
import Testing

@testable import TSDBBlock

@Suite struct PostingsPlanTests {
  /// `name=value`, `name!=value`, `name=~value` or `name!~value`.
  private static func matcher(_ text: String) throws -> LabelMatcher {
    let operation = text.firstIndex { $0 == "=" || $0 == "!" } ?? text.endIndex
    let kinds: [(String, LabelMatcher.Kind)] = [
      ("!=", .notEqual), ("!~", .notRegex), ("=~", .regex), ("=", .equal),
    ]
    let (symbol, kind) = try #require(kinds.first { text[operation...].hasPrefix($0.0) })
    return try LabelMatcher(
      kind, String(text[..<operation]), String(text[operation...].dropFirst(symbol.count)))
  }

  // MARK: Groups

  /// What conditions come to: for each group its name, `+` or `-`, and which of some values count.
  static let groups: [(matchers: [String], groups: [String])] = [
    (["foo=bar"], ["foo + bar"]),
    (["foo=bar", "foo=baz"], ["foo + "]),
    (["foo=bar", "foo!=baz"], ["foo + bar"]),
    (["foo=bar", "foo!=bar"], ["foo + "]),
    (["foo!=bar", "foo!=baz"], ["foo - bar baz"]),
    (["foo=~bar|baz", "foo=~bar|buzz"], ["foo + bar"]),
    (["foo=~bar|baz", "foo!~bar"], ["foo + baz"]),
    (["foo=~.*"], []),
    (["foo=~.+"], ["foo + bar baz buzz testbar testfoo"]),
    (["foo!="], ["foo + bar baz buzz testbar testfoo"]),
    (["foo="], ["foo - bar baz buzz testbar testfoo"]),
    (["foo=~|bar"], ["foo - baz buzz testbar testfoo"]),
    (["foo!~.*"], ["foo + "]),
    (["foo!~.+"], ["foo - bar baz buzz testbar testfoo"]),
    (["foo=~test.*", "foo!~testfoo", "foo!="], ["foo + testbar"]),
    (["foo=~.*", "foo=bar"], ["foo + bar"]),
    (
      ["foo=bar", "job=~.*", "cluster!="], ["cluster + bar baz buzz testbar testfoo", "foo + bar"]
    ),
    (["z=bar", "a!=baz"], ["a - baz", "z + bar"]),
  ]

  @Test(arguments: groups.indices)
  func `conditions on one label become one group`(index: Int) throws {
    let (matchers, expected) = Self.groups[index]
    let plan = PostingsPlan(try matchers.map { try Self.matcher($0) })
    let values = ["bar", "baz", "buzz", "testbar", "testfoo"]
    let groups = plan.groups.map { group in
      let counted = values.filter { value in
        let bytes = Array(value.utf8)
        // Values that conditions name are the only ones looked at.
        return (group.candidates?.contains(bytes) ?? true) && group.wants(bytes.rawSpan)
      }
      let name = String(decoding: group.name, as: UTF8.self)
      return "\(name) \(group.isSubtraction ? "-" : "+") \(counted.joined(separator: " "))"
    }
    #expect(groups == expected)
    #expect(!plan.isEmpty)
  }

  @Test func `a condition on no label is met by all series or by none`() throws {
    #expect(PostingsPlan([try Self.matcher("!=x")]).isEmpty == false)
    #expect(PostingsPlan([try Self.matcher("!=")]).isEmpty)
    #expect(PostingsPlan([try Self.matcher("=x")]).isEmpty)
  }

  // MARK: What is left to the reader of series

  /// 1500 series with a pod each, the first ten of which are of the job `a`.
  private static let series = (0..<1500).map { number in
    LabelSet(
      [
        "__name__": "up", "pod": "pod-\(number)", "job": number < 10 ? "a" : "b",
        "zone": "z\(number % 3)",
      ])
  }

  private static func withIndex(_ body: (IndexReader) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      try makeBlock(
        at: directory + "/b", id: .make(now: 1),
        series.enumerated().map { TestSeries($1, [(time: Int64($0), value: 1)]) })
      try body(BlockReader(directory: directory + "/b").index)
    }
  }

  static let choices: [(matchers: [String], remaining: [String])] = [
    (["job=b", "zone=z1"], []),
    (["job=b", "zone!=z1"], []),
    // Nor is a list of five hundred worth reading for ten series.
    (["job=a", "zone=z1"], ["zone=\"z1\""]),
    (["job=a", "zone!=z1"], ["zone!=\"z1\""]),
    // Reading 1500 lists costs more than testing ten series.
    (["job=a", "pod!="], ["pod!=\"\""]),
    (["job=a", "pod=~.*1"], ["pod=~\".*1\""]),
    (["job=a", "pod!~.*1"], ["pod!~\".*1\""]),
    // Conditions that name their values are cheap, however many the label has.
    (["job=a", "pod=~pod-1|pod-2"], []),
    (["job=a", "pod!=pod-1"], []),
    // Nothing else brings the series down.
    (["pod=~.*1"], []),
    (["pod!~.*1"], []),
    // No series at all: nothing is left to test.
    (["job=a", "zone=missing", "pod!="], []),
    (["job=a", "missing!=x"], []),
  ]

  @Test func `conditions that need many lists are left to the reader of few series`() throws {
    try Self.withIndex { index in
      for (matchers, remaining) in Self.choices {
        let selection = try index.select(try matchers.map { try Self.matcher($0) })
        #expect(selection.remaining.map(\.description) == remaining, "\(matchers)")
      }
    }
  }

  @Test func `whatever is left, the same series match`() throws {
    var random = SeededRandom(seed: 3)
    let parts = [
      "job=a", "job!=a", "job=~a|b", "zone=z1", "zone!=z1", "zone=~z[01]", "zone=", "pod!=",
      "pod=~.*1", "pod!~.*[12]", "pod=pod-7", "pod=~pod-7|pod-8|pod-700", "pod!=pod-3",
      "missing=", "missing!=", "__name__=up", "__name__!=up",
    ]
    try Self.withIndex { index in
      let all = try index.select([]).ids
      let sorted = Self.series.sorted()
      #expect(all.count == sorted.count)
      for _ in 0..<100 {
        let chosen = parts.shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random))
        let matchers = try chosen.map { try Self.matcher($0) }
        let expected = zip(all, sorted).filter { _, labels in
          matchers.allSatisfy { $0.matches(labels.value(of: $0.name) ?? []) }
        }.map(\.0)
        #expect(try index.select(matchers, allowsRemaining: false).ids == expected, "\(chosen)")
        let selection = try index.select(matchers)
        let symbols = try index.symbols
        var tests = selection.remaining.map { SeriesTest($0, symbols: symbols) }
        var found: [UInt32] = []
        for id in selection.ids {
          var labels: [LabelReference] = []
          var chunks: [ChunkSpan] = []
          try index.appendSeries(id, labels: &labels, chunks: &chunks)
          var accepts = true
          for position in tests.indices where accepts {
            accepts = try tests[position].accepts(labels)
          }
          if accepts { found.append(id) }
        }
        #expect(found == expected, "\(chosen)")
      }
    }
  }
}
