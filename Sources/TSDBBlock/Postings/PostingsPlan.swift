/// What a selector needs from the postings, label by label; decided without reading a list.
///
/// All conditions on one label are one group. If they all accept the empty value, series without
/// the label belong to the answer, so the group takes away the values that do not match; else it
/// adds up the values that do.
struct PostingsPlan {
  struct Group {
    var name: [UInt8]
    var matchers: [LabelMatcher]
    /// True: take the lists of the values away. False: intersect with their union.
    var isSubtraction: Bool
    /// The only values that can count, when the conditions name them; nil for all of the label.
    var candidates: [[UInt8]]?

    /// Whether the list of `value` belongs to the group's lists.
    func wants(_ value: RawSpan) -> Bool {
      for matcher in matchers where !matcher.matches(value) { return isSubtraction }
      return !isSubtraction
    }
  }

  /// Sorted by label name.
  var groups: [Group]
  /// Whether a condition can be met by no series at all.
  var isEmpty: Bool

  init(_ matchers: [LabelMatcher]) {
    var groups: [Group] = []
    var isEmpty = false
    let sorted = matchers.sorted { ByteOrder.precedes($0.name, $1.name) }
    for matcher in sorted {
      if matcher.name.isEmpty {
        // No series has a label without a name; the index has an entry under it all the same.
        if !matcher.matchesEmpty { isEmpty = true }
        continue
      }
      if groups.last?.name == matcher.name {
        groups[groups.count - 1].matchers.append(matcher)
      } else {
        groups.append(
          Group(name: matcher.name, matchers: [matcher], isSubtraction: false, candidates: nil))
      }
    }
    self.groups = groups.compactMap { Self.completed($0) }
    self.isEmpty = isEmpty
  }

  private static func completed(_ group: Group) -> Group? {
    var group = group
    group.matchers.removeAll { $0.matchesEverything }
    guard !group.matchers.isEmpty else { return nil }
    group.isSubtraction = group.matchers.allSatisfy(\.matchesEmpty)
    if group.isSubtraction {
      // Values that fail a condition: `!=` and `!~` name them, the others do not.
      let named = group.matchers.map { $0.isNegative ? $0.namedValues : nil }
      if named.allSatisfy({ $0 != nil }) {
        group.candidates = distinct(named.compactMap { $0 }.flatMap { $0 })
      }
    } else {
      let named = group.matchers.compactMap { $0.isNegative ? nil : $0.namedValues }
      group.candidates = named.min { $0.count < $1.count }.map(distinct)
    }
    return group
  }

  private static func distinct(_ values: [[UInt8]]) -> [[UInt8]] {
    var result: [[UInt8]] = []
    for value in values.sorted(by: ByteOrder.precedes)
    where !value.isEmpty && value != result.last {
      result.append(value)
    }
    return result
  }
}
