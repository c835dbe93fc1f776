import TSDBBlock
import TestSupport
import Testing

@Suite struct SelectorGoldenTests {
  @Test(arguments: [false, true])
  func `a selector finds the series the reference finds`(allowsRemaining: Bool) throws {
    let bucket = try Golden.unpacked("store/bucket.tar.gz")
    var indexes: [String: IndexReader] = [:]
    for row in try Golden.jsonLines("store/selectors.jsonl") {
      let block = try #require(row["block"].string)
      let index =
        try indexes[block]
        ?? BlockReader(directory: directory(of: block, in: bucket)).index
      indexes[block] = index
      let matchers = try (row["matchers"].array ?? []).map(matcher)
      let selection = try index.select(matchers, allowsRemaining: allowsRemaining)
      let found = try selection.ids.filter { id in
        try matches(index, id, selection.remaining)
      }
      let expected = (row["refs"].array ?? []).compactMap(\.int).map { UInt32($0) }
      #expect(found == expected, "\(matchers)")
    }
  }

  private func directory(of block: String, in bucket: String) throws -> String {
    let result = try runProcess("find", [bucket, "-type", "d", "-name", block])
    return try #require(result.outputText.split(separator: "\n").first.map(String.init))
  }

  private func matcher(_ value: JSONValue) throws -> LabelMatcher {
    let kinds: [String: LabelMatcher.Kind] = [
      "EQ": .equal, "NEQ": .notEqual, "RE": .regex, "NRE": .notRegex,
    ]
    let kind = try #require(kinds[value["type"].string ?? ""])
    return try LabelMatcher(
      kind, name: Array((value["name"].string ?? "").utf8),
      value: Array((value["value"].string ?? "").utf8))
  }

  private func matches(
    _ index: IndexReader, _ id: UInt32, _ matchers: [LabelMatcher]
  ) throws -> Bool {
    guard !matchers.isEmpty else { return true }
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    try index.appendSeries(id, labels: &labels, chunks: &chunks)
    let set = try index.labels(labels)
    return matchers.allSatisfy { $0.matches(set.value(of: $0.name) ?? []) }
  }
}
