/// Which list of an index: that of all series, or that of a label pair.
///
/// Ordered as the lists stand in an index: all series first, then by name and value, because
/// ordinals of symbols are in the order of their bytes.
struct PostingsKey: Comparable {
  let rawValue: UInt64

  /// All series; sorts before every pair.
  static let all = PostingsKey(rawValue: 0)

  init(rawValue: UInt64) { self.rawValue = rawValue }

  init(name: UInt32, value: UInt32) {
    // One more than the name, so that no pair is 0. There are fewer than 2^32 symbols.
    rawValue = (UInt64(name) &+ 1) &<< 32 | UInt64(value)
  }

  /// The pair; nil for all series.
  var label: LabelReference? {
    guard rawValue != 0 else { return nil }
    return LabelReference(
      name: UInt32(truncatingIfNeeded: rawValue &>> 32) &- 1,
      value: UInt32(truncatingIfNeeded: rawValue))
  }

  static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Takes lists of series ids, one after the other, in the order of their keys.
protocol PostingsSink {
  /// A list begins; `count` ids follow.
  mutating func beginList(_ key: PostingsKey, count: Int) throws(BlockError)
  /// The next ids of the list, increasing.
  mutating func append(_ ids: Span<UInt32>) throws(BlockError)
  mutating func endList() throws(BlockError)
}
