import IndexCache
import TSDBBlock
import Telemetry
import Testing

@Suite struct MatcherCacheTests {
  private let registry = MetricRegistry()

  private func regex(_ cache: MatcherCache, _ name: String, _ pattern: String) throws
    -> LabelMatcher
  {
    try cache.matcher(.regex, name: Array(name.utf8), value: Array(pattern.utf8))
  }

  private func metric(_ name: String) -> Double? {
    Scrape(registry)["thanos_matchers_cache_\(name)"]
  }

  @Test func `a matcher that was compiled before is a hit and means the same`() throws {
    let cache = MatcherCache(maximumCount: 10, registry: registry)
    for _ in 0..<3 {
      let matcher = try regex(cache, "job", "a.+")
      #expect(matcher.description == #"job=~"a.+""#)
      #expect(matcher.matches(Array("ab".utf8)) && !matcher.matches(Array("a".utf8)))
    }
    // The operator and the name are part of what is asked for.
    let inverse = try cache.matcher(
      .notRegex, name: Array("job".utf8), value: Array("a.+".utf8))
    #expect(!inverse.matches(Array("ab".utf8)))
    #expect(try regex(cache, "pod", "a.+").name == Array("pod".utf8))
    #expect(metric("requests_total") == 5)
    #expect(metric("hits_total") == 2)
    #expect(metric("items") == 3)
    #expect(metric("max_items") == 10)
  }

  @Test func `the matcher that was not used for longest goes first`() throws {
    let cache = MatcherCache(maximumCount: 2, registry: registry)
    for pattern in ["a.*", "b.*", "a.*", "c.*", "a.*", "b.*"] {
      _ = try regex(cache, "x", pattern)
    }
    #expect(metric("hits_total") == 2)
    #expect(metric("evicted_total") == 2)
    #expect(metric("items") == 2)
  }

  @Test func `plain conditions are not kept`() throws {
    let cache = MatcherCache(maximumCount: 2, registry: registry)
    #expect(try cache.matcher(.equal, name: [97], value: [98]).matches([98]))
    #expect(try cache.matcher(.notEqual, name: [97], value: [98]).matches([99]))
    #expect(metric("requests_total") == 0)
    #expect(metric("items") == 0)
  }

  @Test func `a cache of size zero compiles each time`() throws {
    let cache = MatcherCache(maximumCount: 0, registry: registry)
    for _ in 0..<2 { #expect(try regex(cache, "x", "a.*").matches(Array("abc".utf8))) }
    #expect(metric("requests_total") == 0)
    #expect(metric("max_items") == 0)
  }

  @Test func `a pattern that is not valid fails each time`() {
    let cache = MatcherCache(maximumCount: 2, registry: registry)
    for _ in 0..<2 {
      let error = #expect(throws: BlockError.self) { try regex(cache, "x", "a(") }
      #expect(error?.code == .invalidMatcher)
    }
    #expect(metric("items") == 0)
  }

  @Test func `very long patterns are not kept`() throws {
    let cache = MatcherCache(maximumCount: 2, registry: registry)
    let pattern = (0..<15_000).map { "x\($0)" }.joined(separator: "|")
    #expect(try regex(cache, "x", pattern).matches(Array("x77".utf8)))
    #expect(metric("items") == 0)
  }
}
