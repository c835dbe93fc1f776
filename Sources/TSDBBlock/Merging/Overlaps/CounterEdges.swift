/// Leaves out samples at the edges of a filled hole that would make a counter fall.
///
///     followed  118 119 120 ·  ·  ·  ·  124        both count up, yet the other is behind: its
///     other      117 118  118 119 121 122           clock is late, or the counter was read late
///     result    118 119 120       121 122 124      118 and 119 would be resets that never were
///
/// A reset that is stored for ever adds a whole counter to every `rate()` and `increase()` over it.
/// Without the samples both are as exact as before, as they look at the last and the first value
/// alone; only the moments of the increase are known less well. No value is ever changed. A fall
/// that one of the replicas has itself stays, as does one that is not made up for within
/// ``patience`` samples: that is another counter, or none.
///
/// Floats do not tell whether they are counters. Taken for one is what rose and did not fall in
/// ``evidence`` samples of both replicas around the edge, the other's included.
struct CounterEdges: ~Escapable {
  /// Most samples left out at one edge.
  private static let patience = 4
  private static let evidence = 8
  /// Those of them that must be the followed replica's own.
  private static let leastFollowed = 3

  private let followed: ReplicaSamples
  private let other: ReplicaSamples

  @_lifetime(copy followed, copy other)
  init(_ followed: ReplicaSamples, _ other: ReplicaSamples) {
    self.followed = followed
    self.other = other
  }

  /// What is left of the other's samples `range` behind the followed sample `last`.
  func trimFront(of range: Range<Int>, after last: Int?, before index: Int?) -> Range<Int> {
    guard let last, let first = range.first, first > 0 else { return range }
    let level = followed.level(last)
    guard
      other.level(first) < level,
      areCounters(max(0, last + 1 - Self.evidence)..<last + 1, around: first)
    else { return range }
    var start = first
    while start < range.upperBound, start - first <= Self.patience, other.level(start) < level {
      start += 1
    }
    guard start - first <= Self.patience else { return range }
    if start == range.upperBound, !(index.map { followed.level($0) >= level } ?? false) {
      return range
    }
    return start..<range.upperBound
  }

  /// What is left of the other's samples `range` in front of the followed sample `index`.
  func trimBack(of range: Range<Int>, after last: Int?, before index: Int?) -> Range<Int> {
    guard let index, let final = range.last, range.upperBound < other.count else { return range }
    let level = followed.level(index)
    guard
      other.level(final) > level,
      areCounters(index..<min(index + Self.evidence, followed.count), around: range.upperBound)
    else { return range }
    var end = range.upperBound
    while end > range.lowerBound, range.upperBound - end <= Self.patience,
      other.level(end - 1) > level
    {
      end -= 1
    }
    guard range.upperBound - end <= Self.patience else { return range }
    if end == range.lowerBound, !(last.map { followed.level($0) <= level } ?? false) {
      return range
    }
    return range.lowerBound..<end
  }

  private func areCounters(_ own: Range<Int>, around edge: Int) -> Bool {
    let others = max(0, edge - Self.patience)..<min(edge + Self.patience + 1, other.count)
    return own.count >= Self.leastFollowed && own.count + others.count >= Self.evidence
      && followed.level(own.lowerBound) < followed.level(own.upperBound - 1)
      && followed.neverFalls(own) && other.neverFalls(others)
  }
}
