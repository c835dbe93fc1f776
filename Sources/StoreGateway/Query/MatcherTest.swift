internal import TSDBBlock

/// One matcher tested on series of a block, label by label.
///
/// A name has one symbol, so after the first meeting it is recognised by its reference; the answer
/// for the value met last is kept, since neighbours in an index often share values.
struct MatcherTest {
  private let matcher: LabelMatcher
  private var reference: UInt32?
  private var otherNames: Set<UInt32> = []
  private var lastValue: UInt32?
  private var lastAnswer = false

  init(_ matcher: LabelMatcher) {
    self.matcher = matcher
  }

  /// Whether a series with these labels matches.
  ///
  /// - Parameter resolve: The bytes of a symbol.
  mutating func accepts<Failure: Error>(
    _ labels: [LabelReference], resolve: (UInt32) throws(Failure) -> [UInt8]
  ) throws(Failure) -> Bool {
    for label in labels where try isMine(label.name, resolve) {
      if label.value == lastValue { return lastAnswer }
      lastAnswer = matcher.matches(try resolve(label.value))
      lastValue = label.value
      return lastAnswer
    }
    return matcher.matchesEmpty
  }

  private mutating func isMine<Failure: Error>(
    _ name: UInt32, _ resolve: (UInt32) throws(Failure) -> [UInt8]
  ) throws(Failure) -> Bool {
    if let reference { return name == reference }
    if otherNames.contains(name) { return false }
    if try resolve(name) == matcher.name {
      reference = name
      return true
    }
    otherNames.insert(name)
    return false
  }
}
