import TestSupport
import Testing

@testable import TSDBBlock

@Suite struct PostingsQueryTests {
  private typealias Group = PostingsLaziness.Group

  /// A group of one key, named like the label.
  private func add(_ name: String, _ entries: Int, keys: Int = 1) -> Group {
    Group(name: Array(name.utf8), isSubtraction: false, keys: keys, entries: entries)
  }

  private func not(_ name: String, _ entries: Int) -> Group {
    Group(name: Array(name.utf8), isSubtraction: true, keys: 1, entries: entries)
  }

  private func lazy(
    _ groups: [Group], size: Int = 1000, keep ratio: Double = 0.5, keys: Double = 0
  ) -> [String] {
    PostingsLaziness(seriesByteCount: size, maxKeySeriesRatio: keys, matchRatio: ratio)
      .skipped(groups).map { String(decoding: groups[$0.group].name, as: UTF8.self) }
  }

  @Test("conditions are left out as the reference leaves them out")
  func laziness() {
    #expect(lazy([add("foo", 1), add("bar", 1)]) == [])
    #expect(lazy([add("foo", 1), add("bar", 1)], size: 1) == ["foo"])
    #expect(lazy([add("foo", 1), add("bar", 250_000)]) == ["bar"])
    #expect(lazy([add("foo", 10), add("bar", 1251)], keep: 0.1) == [])
    #expect(lazy([not("foo", 1), add("bar", 250_000)]) == [])
    #expect(lazy([add("cluster", 1), not("foo", 1), not("bar", 250_000)]) == ["bar"])
    #expect(
      lazy([not("foo", 1), add("bar", 500), add("baz", 501), add("cluster", 250_000)])
        == ["cluster"])
    #expect(lazy([add("foo", 1)]) == [])
    #expect(lazy([not("foo", 1), not("bar", 1_000_000)]) == [])
    #expect(lazy([add("foo", 1), add("bar", 250_000)], size: 0) == [])
  }

  @Test("a condition of too many keys is left out alone")
  func keys() {
    #expect(lazy([add("foo", 1), add("bar", 3, keys: 3)], keys: 2) == ["bar"])
    #expect(
      lazy([add("foo", 1), add("bar", 3, keys: 3), add("cluster", 18)], keys: 2) == ["bar"])
    #expect(lazy([add("foo", 1), add("bar", 1, keys: 1)], keys: 2) == [])
  }

  @Test("numbers at the edge of 64 bits do not trap")
  func extremes() {
    let large = Int(UInt32.max)
    #expect(lazy([add("a", large), add("b", large), not("c", large)], size: .max) == [])
    #expect(lazy([add("a", 0), add("b", large)]) == ["b"])
  }

  @Test("its lists give the series that a mapped index selects", arguments: [nil, 1, 1000])
  func equalsMapped(seriesByteCount: Int?) throws {
    let bucket = try Golden.unpacked("store/bucket.tar.gz")
    var indexes: [String: IndexReader] = [:]
    for row in try Golden.jsonLines("store/selectors.jsonl") {
      let block = try #require(row["block"].string)
      let index =
        try indexes[block]
        ?? IndexReader(ByteSlice(ByteStorage(mapping: "\(bucket)/\(block)/index")))
      indexes[block] = index
      let matchers = try (row["matchers"].array ?? []).map(matcher)
      let query = try PostingsQuery(
        matchers, in: index.postingsOffsets,
        laziness: seriesByteCount.map { PostingsLaziness(seriesByteCount: $0) })
      let lists = try query.lists.map { try index.postings(name: $0.name, value: $0.value) }
      let found = try query.series(in: lists).filter { id in
        var labels: [LabelReference] = []
        var chunks: [ChunkSpan] = []
        try index.appendSeries(id, labels: &labels, chunks: &chunks)
        let set = try index.labels(labels)
        return query.remaining.allSatisfy { $0.matches(set.value(of: $0.name) ?? []) }
      }
      let expected = (row["refs"].array ?? []).compactMap(\.int).map { UInt32($0) }
      #expect(found == expected, "\(matchers)")
      if seriesByteCount == nil { #expect(query.remaining.isEmpty) }
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
