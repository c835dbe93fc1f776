internal import TSDBBlock

/// A pattern, a zero byte, and the value to match.
func fuzzRegex(_ input: [UInt8]) {
  let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
  let pattern = Array(parts[0])
  let value = parts.count > 1 ? Array(parts[1]) : []
  guard let regex = try? RegexMatcher(pattern) else { return }
  let matches = regex.matches(value.rawSpan)
  if let set = regex.setMatches {
    require(set.contains(value) == matches, "the values named are those that match")
  }
  // No short cut knows this form, so the engine answers it. A pattern with an open \Q swallows the
  // end and is not valid then.
  let plain = Array("(?:".utf8) + pattern + Array("){1}".utf8)
  if let engine = try? RegexMatcher(plain) {
    require(engine.matches(value.rawSpan) == matches, "short cuts and the engine agree")
  }
}

/// A selector.
func fuzzSelector(_ input: [UInt8]) {
  let text = String(decoding: input, as: UTF8.self)
  guard let matchers = try? SelectorParser.parse(text) else { return }
  for matcher in matchers {
    _ = matcher.matches(input)
    require(matcher.matches([]) == matcher.matchesEmpty, "the empty value is answered alike")
  }
  let written = "{" + matchers.map(\.description).joined(separator: ",") + "}"
  guard let again = try? SelectorParser.parse(written) else {
    fatalError("broken promise: a selector that was written can be read: \(written)")
  }
  require(
    again.count == matchers.count
      && zip(again, matchers).allSatisfy {
        $0.kind == $1.kind && $0.name == $1.name && $0.value == $1.value
      }, "a selector survives writing: \(written)")
}
