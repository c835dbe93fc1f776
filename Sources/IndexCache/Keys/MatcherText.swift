public import TSDBBlock

/// Matchers as text, the same in every Thanos process: `job="api";code!="200";pod=~"a.*"`.
public enum MatcherText {
  /// `matchers` by operator (`=`, `!=`, `=~`, `!~`), name and value.
  public static func canonical(_ matchers: [LabelMatcher]) -> [LabelMatcher] {
    matchers.sorted { left, right in
      let (leftRank, rightRank) = (rank(left.kind), rank(right.kind))
      if leftRank != rightRank { return leftRank < rightRank }
      let byName = ByteOrder.compare(left.name.rawSpan, right.name.rawSpan)
      return byName != 0 ? byName < 0 : ByteOrder.precedes(left.value, right.value)
    }
  }

  /// `matchers` in the order given: name, operator, value quoted as in Go, joined by semicolons.
  /// Names that no selector has bare are quoted too.
  public static func joined(_ matchers: [LabelMatcher]) -> String {
    matchers.map { matcher in
      let name =
        LabelText.isLegacyName(matcher.name)
        ? String(decoding: matcher.name, as: UTF8.self) : GoString.quoted(matcher.name)
      return name + matcher.kind.symbol + GoString.quoted(matcher.value)
    }.joined(separator: ";")
  }

  private static func rank(_ kind: LabelMatcher.Kind) -> Int {
    switch kind {
    case .equal: 0
    case .notEqual: 1
    case .regex: 2
    case .notRegex: 3
    }
  }
}
