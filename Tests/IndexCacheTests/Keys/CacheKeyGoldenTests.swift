import IndexCache
import TSDBBlock
import TestSupport
import Testing

/// A line of `cache-codec.jsonl` that names an item of a block.
struct KeyCase {
  let item: IndexCacheItem
  let block: BlockID
  let line: JSONValue

  init(_ line: JSONValue) throws {
    self.line = line
    block = try #require(BlockID(line["block"].string ?? ""))
    if let ref = line["ref"].string {
      let offset = try #require(UInt64(ref))
      item = .series(offset: Int(truncatingIfNeeded: offset))
    } else if line["matchers"].isNull {
      item = .postings(
        name: try goldenBytes(line["name"]), value: try goldenBytes(line["label_value"]))
    } else {
      item = .expandedPostings(matchers: MatcherText.joined(try Self.matchers(line)))
    }
  }

  static func matchers(_ line: JSONValue) throws -> [LabelMatcher] {
    let kinds: [String: LabelMatcher.Kind] = [
      "EQ": .equal, "NEQ": .notEqual, "RE": .regex, "NRE": .notRegex,
    ]
    return try (line["matchers"].array ?? []).map { matcher in
      let kind = try #require(kinds[matcher["type"].string ?? ""])
      return try LabelMatcher(
        kind, name: goldenBytes(matcher["name"]), value: goldenBytes(matcher["value"]))
    }
  }

  static func all(_ kinds: String...) throws -> [KeyCase] {
    let cases = try Golden.jsonLines("store/cache-codec.jsonl").filter {
      kinds.contains($0["kind"].string ?? "")
    }
    try #require(!cases.isEmpty)
    return try cases.map(KeyCase.init)
  }
}

@Suite struct CacheKeyGoldenTests {
  @Test func `keys and their sizes are those of the reference`() throws {
    for example in try KeyCase.all("key", "postings", "expanded", "series") {
      // What the running store keeps is compressed; only `key` cases say so themselves.
      let compression = example.line["compression"].string ?? "dss"
      let key = example.item.remoteKey(of: example.block, compression: compression)
      #expect(key == example.line["cache_key"].string)
      #expect(example.item.keySize == example.line["key_size"].int, "\(key)")
    }
  }

  @Test func `the text of matchers is that of the reference`() throws {
    for example in try KeyCase.all("key", "expanded") where !example.line["matchers"].isNull {
      let matchers = try KeyCase.matchers(example.line)
      #expect(MatcherText.joined(matchers) == example.line["matchers_text"].string)
    }
  }

  @Test func `the running store sorts matchers as we do`() throws {
    var random = SeededRandom(seed: 11)
    for example in try KeyCase.all("expanded") {
      let matchers = try KeyCase.matchers(example.line).shuffled(using: &random)
      #expect(IndexCacheItem.expandedPostings(of: matchers) == example.item)
    }
  }
}
