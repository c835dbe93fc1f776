/// Reads series selectors as PromQL writes them:
///
///     up                              {__name__="up"}
///     up{job="api", code=~"5.."}      {"my.metric", "label.x"!="v"}
///
/// Strings stand in double quotes, single quotes (both with Go's escapes) or backticks (without).
/// Names outside the legacy alphabet are quoted. A selector may match everything: whether that is
/// wise is for the caller to say.
public enum SelectorParser {
  /// The conditions of a selector, in its order.
  ///
  /// - Throws: ``BlockError`` with the code `invalidMatcher` that says what was expected where.
  public static func parse(_ text: String) throws(BlockError) -> [LabelMatcher] {
    var parser = Parser(text: Array(text.utf8))
    return try parser.selector()
  }

  private struct Parser {
    let text: [UInt8]
    var position = 0

    init(text: [UInt8]) { self.text = text }

    private var next: UInt8? { position < text.count ? text[position] : nil }

    mutating func selector() throws(BlockError) -> [LabelMatcher] {
      var matchers: [LabelMatcher] = []
      skipSpace()
      if let name = bareName(allowsColon: true) {
        matchers.append(try LabelMatcher(.equal, name: Self.metricName, value: name))
        skipSpace()
      } else if next != UInt8(ascii: "{") {
        throw expected("a metric name or {")
      }
      if skip("{") { try braces(&matchers) }
      skipSpace()
      guard next == nil else { throw expected("the end") }
      return matchers
    }

    private static let metricName = Array("__name__".utf8)

    private mutating func braces(_ matchers: inout [LabelMatcher]) throws(BlockError) {
      while true {
        skipSpace()
        if skip("}") { return }
        matchers.append(try condition(after: matchers))
        skipSpace()
        if skip("}") { return }
        guard skip(",") else { throw expected(", or }") }
      }
    }

    private mutating func condition(
      after matchers: [LabelMatcher]
    ) throws(BlockError) -> LabelMatcher {
      let isQuoted = next.map(Self.isQuote) ?? false
      let name: [UInt8]
      if isQuoted {
        name = try string()
      } else if let bare = bareName(allowsColon: false) {
        name = bare
      } else {
        throw expected("a label name")
      }
      skipSpace()
      guard let kind = matchOperator() else {
        // A quoted string alone is the metric.
        let isAlone = next == UInt8(ascii: ",") || next == UInt8(ascii: "}")
        guard isQuoted, isAlone else { throw expected("=, !=, =~ or !~") }
        guard !matchers.contains(where: { $0.name == Self.metricName }) else {
          throw expected("only one metric name")
        }
        return try LabelMatcher(.equal, name: Self.metricName, value: name)
      }
      skipSpace()
      return try LabelMatcher(kind, name: name, value: try string())
    }

    private mutating func matchOperator() -> LabelMatcher.Kind? {
      if skip("=~") { return .regex }
      if skip("!~") { return .notRegex }
      if skip("!=") { return .notEqual }
      return skip("=") ? .equal : nil
    }

    // MARK: Words

    private mutating func bareName(allowsColon: Bool) -> [UInt8]? {
      var end = position
      while end < text.count {
        switch text[end] {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "_"):
          end += 1
          continue
        case UInt8(ascii: ":") where allowsColon:
          end += 1
          continue
        case UInt8(ascii: "0")...UInt8(ascii: "9") where end > position:
          end += 1
          continue
        default: break
        }
        break
      }
      guard end > position else { return nil }
      defer { position = end }
      return Array(text[position..<end])
    }

    private mutating func string() throws(BlockError) -> [UInt8] {
      guard let quote = next, Self.isQuote(quote) else { throw expected("a quoted string") }
      var cursor = position + 1
      let value = GoString.unquote(text, from: &cursor, quote: quote)
      guard let value else {
        position = cursor
        throw expected("a complete string; an escape or the closing quote is wrong")
      }
      position = cursor
      return value
    }

    private static func isQuote(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`")
    }

    private mutating func skipSpace() {
      while let byte = next, byte == 32 || (9...13).contains(byte) { position += 1 }
    }

    private mutating func skip(_ token: StaticString) -> Bool {
      let bytes = Array("\(token)".utf8)
      guard text[position...].starts(with: bytes) else { return false }
      position += bytes.count
      return true
    }

    private func expected(_ what: String) -> BlockError {
      BlockError(
        .invalidMatcher,
        detail: "selector \(String(decoding: text, as: UTF8.self)): expected \(what) "
          + "at character \(min(position, text.count) + 1)")
    }
  }
}
