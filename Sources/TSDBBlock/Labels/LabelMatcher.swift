/// One condition on a label: `=`, `!=`, `=~` or `!~`.
///
/// A series without the label has the value "", so `=""`, `!="x"`, `=~"a|"` and `!~".+"` match it.
public struct LabelMatcher: Sendable {
  /// How the value is compared.
  public enum Kind: Sendable, Hashable {
    /// `=`
    case equal
    /// `!=`
    case notEqual
    /// `=~`: the pattern matches the whole value.
    case regex
    /// `!~`
    case notRegex

    /// The operator of the selector syntax.
    public var symbol: String {
      switch self {
      case .equal: "="
      case .notEqual: "!="
      case .regex: "=~"
      case .notRegex: "!~"
      }
    }
  }

  /// How the value is compared.
  public let kind: Kind
  /// Bytes of the label's name.
  public let name: [UInt8]
  /// Bytes of the value or pattern.
  public let value: [UInt8]
  private let regex: RegexMatcher?
  /// Whether a series without the label matches.
  public let matchesEmpty: Bool

  /// - Throws: ``BlockError`` with the code `invalidMatcher` when a pattern is not valid.
  public init(_ kind: Kind, name: [UInt8], value: [UInt8]) throws(BlockError) {
    self.kind = kind
    self.name = name
    self.value = value
    switch kind {
    case .equal, .notEqual:
      regex = nil
      matchesEmpty = value.isEmpty == (kind == .equal)
    case .regex, .notRegex:
      let regex = try RegexMatcher(value)
      self.regex = regex
      matchesEmpty = regex.matches([UInt8]().rawSpan) == (kind == .regex)
    }
  }

  /// A condition of UTF-8 strings.
  ///
  /// - Throws: ``BlockError`` with the code `invalidMatcher` when a pattern is not valid.
  public init(_ kind: Kind, _ name: String, _ value: String) throws(BlockError) {
    try self.init(kind, name: Array(name.utf8), value: Array(value.utf8))
  }

  /// Whether a label with this value matches.
  public func matches(_ candidate: RawSpan) -> Bool {
    switch kind {
    case .equal: ByteOrder.equal(candidate, value.rawSpan)
    case .notEqual: !ByteOrder.equal(candidate, value.rawSpan)
    case .regex: regex?.matches(candidate) ?? false
    case .notRegex: !(regex?.matches(candidate) ?? true)
    }
  }

  /// Whether a label with this value matches.
  public func matches(_ candidate: [UInt8]) -> Bool { matches(candidate.rawSpan) }

  /// The values the condition names, when it names a short list: those that match for `=` and
  /// `=~`, those that do not for `!=` and `!~`. Sorted, distinct.
  var namedValues: [[UInt8]]? {
    switch kind {
    case .equal, .notEqual: [value]
    case .regex, .notRegex: regex?.setMatches
    }
  }

  var isNegative: Bool { kind == .notEqual || kind == .notRegex }

  /// Whether every value, also the empty one, matches (`=~".*"`).
  var matchesEverything: Bool { kind == .regex && regex?.matchesEverything == true }
}

extension LabelMatcher: CustomStringConvertible {
  /// As a selector has it: `job=~"a.*"`.
  public var description: String {
    LabelText.name(name) + kind.symbol + LabelText.quoted(value)
  }
}
