/// A matcher tested on series of a block, label by label.
///
/// A name has one symbol, so after the first meeting it is recognised by its reference; the answer
/// for the value met last is kept, since neighbours in an index often share values.
public struct SeriesTest: Sendable {
  private let matcher: LabelMatcher
  private let symbols: SymbolTable
  private var reference: UInt32?
  private var otherNames: Set<UInt32> = []
  private var lastValue: UInt32?
  private var lastAnswer = false

  /// - Parameters:
  ///   - matcher: the condition.
  ///   - symbols: of the index that the series come from.
  public init(_ matcher: LabelMatcher, symbols: SymbolTable) {
    self.matcher = matcher
    self.symbols = symbols
  }

  /// Whether a series with these labels matches.
  ///
  /// - Throws: ``BlockError`` when a label refers to no symbol.
  public mutating func accepts(_ labels: [LabelReference]) throws(BlockError) -> Bool {
    for label in labels where try isMine(label.name) {
      if label.value == lastValue { return lastAnswer }
      let slice = symbols.slice
      let bytes = slice.bytes
      lastAnswer = matcher.matches(bytes.extracting(try symbols.range(of: label.value, in: bytes)))
      lastValue = label.value
      return lastAnswer
    }
    return matcher.matchesEmpty
  }

  private mutating func isMine(_ name: UInt32) throws(BlockError) -> Bool {
    if let reference { return name == reference }
    if otherNames.contains(name) { return false }
    let slice = symbols.slice
    let bytes = slice.bytes
    let range = try symbols.range(of: name, in: bytes)
    if ByteOrder.equal(bytes.extracting(range), matcher.name.rawSpan) {
      reference = name
      return true
    }
    otherNames.insert(name)
    return false
  }
}
