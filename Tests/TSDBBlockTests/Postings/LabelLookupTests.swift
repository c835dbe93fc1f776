import TestSupport
import Testing

@testable import TSDBBlock

@Suite struct LabelLookupTests {
  private static let id = BlockID("01M81TM769G6KD7MVWD56GJ0RY")

  private func randomSeries(_ random: inout SeededRandom) -> [LabelSet] {
    let count = Int.random(in: 1...2500, using: &random)
    var sets: Set<LabelSet> = []
    for number in 0..<count {
      var pairs: [(name: [UInt8], value: [UInt8])] = [
        (Array("__name__".utf8), Array("m\(number % 5)".utf8)),
        (Array("uid".utf8), Array("u\(number)".utf8)),
      ]
      for name in ["a", "b", "c"] where Bool.random(using: &random) {
        let value = "\(name)\(Int.random(in: 0..<30, using: &random))"
        pairs.append((Array(name.utf8), Array(value.utf8)))
      }
      sets.insert(LabelSet(pairs))
    }
    return Array(sets)
  }

  private func randomMatchers(_ random: inout SeededRandom) throws -> [LabelMatcher] {
    let all: [(LabelMatcher.Kind, String, String)] = [
      (.equal, "__name__", "m1"), (.regex, "__name__", "m[0-3]"), (.notEqual, "a", "a3"),
      (.equal, "a", "a3"), (.equal, "b", ""), (.notEqual, "b", ""), (.regex, "c", "c1.*"),
      (.notRegex, "c", "c.*"), (.notEqual, "uid", ""), (.regex, "uid", "u.*7"),
      (.equal, "uid", "u12"), (.equal, "none", "x"), (.notEqual, "none", "x"),
      (.regex, "uid", "u1.?"),
    ]
    return try (0..<Int.random(in: 0...3, using: &random)).map { _ in
      let (kind, name, value) = all[Int.random(in: 0..<all.count, using: &random)]
      return try LabelMatcher(kind, name, value)
    }
  }

  @Test(arguments: 0..<8)
  func `names, values and counts are those of the series that match`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let series = randomSeries(&random)
    let id = try #require(Self.id)
    try withTemporaryDirectory { temporary in
      try makeBlock(at: temporary + "/block", id: id, series.map { TestSeries($0, [(1, 1)]) })
      let index = try BlockReader(directory: temporary + "/block").index
      for _ in 0..<30 {
        let matchers = try randomMatchers(&random)
        let matching = series.filter { labels in
          matchers.allSatisfy { $0.matches(labels.value(of: $0.name) ?? []) }
        }
        let names = Set(matching.flatMap { $0.pairs.map(\.name) })
        let found = try index.labelNames(matching: matchers)
        #expect(found == names.sorted(by: ByteOrder.precedes), "\(matchers)")
        for name in ["__name__", "a", "uid", "none"] {
          let values = Set(matching.compactMap { $0.value(of: name) })
          let found = try index.labelValues(of: Array(name.utf8), matching: matchers)
          #expect(found == values.sorted(by: ByteOrder.precedes), "\(name) \(matchers)")
        }
      }
      for name in ["__name__", "a", "uid", "none"] {
        let counts = try index.seriesCounts(of: Array(name.utf8))
        var expected: [[UInt8]: Int] = [:]
        for value in series.compactMap({ $0.value(of: name) }) { expected[value, default: 0] += 1 }
        #expect(counts.map(\.value) == expected.keys.sorted(by: ByteOrder.precedes))
        #expect(counts.map(\.series) == counts.map { expected[$0.value] ?? 0 })
      }
    }
  }
}

@Suite struct LabelLookupGoldenTests {
  @Test func `names and values of a selector are those of the series the reference finds`() throws {
    let bucket = try Golden.unpacked("store/bucket.tar.gz")
    var series: [String: [Int: [JSONValue]]] = [:]
    for row in try Golden.jsonLines("store/selector-series.jsonl") {
      let block = try #require(row["block"].string)
      series[block, default: [:]][try #require(row["ref"].int)] = row["labels"].array ?? []
    }
    var indexes: [String: IndexReader] = [:]
    for row in try Golden.jsonLines("store/selectors.jsonl") {
      let block = try #require(row["block"].string)
      let index =
        try indexes[block] ?? BlockReader(directory: "\(bucket)/\(block)").index
      indexes[block] = index
      let matchers = try (row["matchers"].array ?? []).map(matcher)
      var values: [[UInt8]: Set<[UInt8]>] = [:]
      for ref in (row["refs"].array ?? []).compactMap(\.int) {
        let labels = try #require(series[block]?[ref]).map { Array(($0.string ?? "").utf8) }
        for place in stride(from: 0, to: labels.count, by: 2) {
          values[labels[place], default: []].insert(labels[place + 1])
        }
      }
      let names = try index.labelNames(matching: matchers)
      #expect(names == values.keys.sorted(by: ByteOrder.precedes), "\(matchers)")
      for name in ["__name__", "pod", "instance", "uid"].map({ Array($0.utf8) }) {
        let found = try index.labelValues(of: name, matching: matchers)
        #expect(found == (values[name] ?? []).sorted(by: ByteOrder.precedes), "\(matchers)")
      }
    }
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
}
