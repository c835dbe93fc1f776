internal import ArgumentParser
internal import TSDBBlock

/// A condition on external labels on the command line: `cluster="eu"`, `cluster=eu`,
/// `replica!~"a|b"`, `{cluster="eu", tenant=~"t.*"}`.
struct LabelSelector: ExpressibleByArgument {
  var matchers: [LabelMatcher]

  init?(argument: String) {
    let text = argument.hasPrefix("{") ? argument : "{\(argument)}"
    if let matchers = try? SelectorParser.parse(text) {
      self.matchers = matchers
      return
    }
    // As Alertmanager writes it: the value without quotes.
    guard let end = argument.firstIndex(where: { "=!".contains($0) }) else { return nil }
    let rest = argument[end...]
    for (sign, kind) in [
      ("=~", LabelMatcher.Kind.regex), ("!~", .notRegex), ("!=", .notEqual), ("=", .equal),
    ] where rest.hasPrefix(sign) {
      let name = argument[..<end].filter { $0 != " " }
      guard !name.isEmpty,
        let matcher = try? LabelMatcher(kind, name, String(rest.dropFirst(sign.count)))
      else { return nil }
      matchers = [matcher]
      return
    }
    return nil
  }

  /// Whether a block with these external labels is meant; an absent label has an empty value.
  func matches(_ labels: [ThanosMeta.Label]) -> Bool {
    matchers.allSatisfy { matcher in
      matcher.matches(labels.first { $0.name == matcher.name }?.value ?? [])
    }
  }
}
