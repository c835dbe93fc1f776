/// What a pattern says when it is simple enough to say it without the engine.
///
/// Only patterns whose meaning is beyond doubt get a shape of their own; the engine answers the
/// rest. The pattern has been accepted by the engine before.
enum RegexShape: Equatable {
  /// `.*`
  case everything
  /// `.+`
  case nonEmpty
  /// `a`, `a|b|c`, `(a|b)`, `(?:a|b)`: sorted and distinct.
  case set([[UInt8]])
  /// `lit.*`, or with `more` `lit.+`
  case prefix([UInt8], more: Bool)
  /// `.*lit`, or with `more` `.+lit`
  case suffix([UInt8], more: Bool)
  case general

  init(_ pattern: [UInt8]) {
    self = Self.recognise(pattern)
  }

  private static let wildcards: [(text: [UInt8], more: Bool)] = [
    (Array(".*".utf8), false), (Array(".+".utf8), true),
  ]

  private static func recognise(_ pattern: [UInt8]) -> RegexShape {
    if let values = alternatives(stripGroup(pattern)) { return .set(values) }
    for (wildcard, more) in wildcards {
      if pattern == wildcard { return more ? .nonEmpty : .everything }
      if pattern.ends(with: wildcard) {
        let literal = Array(pattern.dropLast(wildcard.count))
        if isLiteral(literal) { return .prefix(literal, more: more) }
      }
      if pattern.starts(with: wildcard) {
        let literal = Array(pattern.dropFirst(wildcard.count))
        if isLiteral(literal) { return .suffix(literal, more: more) }
      }
    }
    return .general
  }

  private static func stripGroup(_ pattern: [UInt8]) -> [UInt8] {
    guard pattern.last == UInt8(ascii: ")") else { return pattern }
    for opening in [Array("(?:".utf8), Array("(".utf8)] where pattern.starts(with: opening) {
      return Array(pattern.dropFirst(opening.count).dropLast())
    }
    return pattern
  }

  private static func alternatives(_ pattern: [UInt8]) -> [[UInt8]]? {
    let parts = pattern.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
    guard parts.allSatisfy(isLiteral) else { return nil }
    let sorted = parts.map(Array.init).sorted(by: ByteOrder.precedes)
    return sorted.enumerated().compactMap { index, value in
      index > 0 && sorted[index - 1] == value ? nil : value
    }
  }

  private static func isLiteral(_ text: some Sequence<UInt8>) -> Bool {
    text.allSatisfy { !special.contains($0) }
  }

  private static let special = Set("\\.+*?()|[]{}^$".utf8)
}

extension Array where Element == UInt8 {
  fileprivate func ends(with tail: [UInt8]) -> Bool {
    count >= tail.count && suffix(tail.count).elementsEqual(tail)
  }
}
