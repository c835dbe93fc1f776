/// Which conditions to leave to the reader of the series, because their lists would cost more
/// bytes than the series they rule out.
///
/// Thanos' rule for lazily expanded postings, so that the two fetch alike:
///
///     groups, fewest entries first
///     ├ all up to the first that adds      always fetched; it says how many series match
///     ├ next: 4 × entries > what it saves  left out, and all behind it
///     └ next: too many keys per series     left out alone
///
/// Each group is thought to keep ``matchRatio`` of the series, and a series costs
/// ``seriesByteCount`` to fetch.
public struct PostingsLaziness: Equatable, Sendable {
  /// Bytes that are fetched for one series.
  public var seriesByteCount: Int
  /// Keys of a group per matching series above which it is left out; 0 for any number.
  public var maxKeySeriesRatio: Double
  /// The part of the series that a group is thought to keep.
  public var matchRatio: Double

  public init(
    seriesByteCount: Int, maxKeySeriesRatio: Double = 100, matchRatio: Double = 0.5
  ) {
    self.seriesByteCount = seriesByteCount
    self.maxKeySeriesRatio = maxKeySeriesRatio
    self.matchRatio = matchRatio
  }

  /// Why a group was left out.
  public enum Reason: String, CaseIterable, Sendable {
    /// Its lists are longer than what they save.
    case size = "postings_size"
    /// It has too many lists for the few series that match.
    case keys = "keys_limit"
  }

  /// A group that was left out.
  public struct Skipped: Equatable, Sendable {
    /// Its place among the groups.
    public var group: Int
    public var reason: Reason
    /// Of its lists, which are not fetched.
    public var byteCount: Int
  }

  /// What the rule looks at.
  struct Group {
    var name: [UInt8]
    var isSubtraction: Bool
    var keys: Int
    var entries: Int

    init(name: [UInt8], isSubtraction: Bool, keys: Int, entries: Int) {
      self.name = name
      self.isSubtraction = isSubtraction
      self.keys = keys
      self.entries = entries
    }

    init<Place>(_ found: PostingsPlan.Found<Place>) {
      self.init(
        name: found.group.name, isSubtraction: found.group.isSubtraction,
        keys: found.lists.count, entries: found.entries)
    }
  }

  func skipped(_ groups: [Group]) -> [Skipped] {
    guard seriesByteCount > 0, groups.count > 1 else { return [] }
    let order = groups.indices.sorted { left, right in
      let (left, right) = (groups[left], groups[right])
      return left.entries != right.entries
        ? left.entries < right.entries : ByteOrder.precedes(left.name, right.name)
    }
    guard let first = order.firstIndex(where: { !groups[$0].isSubtraction }) else { return [] }
    var ruledOut = 0
    for index in order[..<first] { ruledOut += groups[index].entries }
    var matched = groups[order[first]].entries - part(matchRatio, of: ruledOut)
    let most = matched
    var skipped: [Skipped] = []
    var isOver = false
    for index in order[(first + 1)...] {
      let group = groups[index]
      func skip(_ reason: Reason) {
        skipped.append(Skipped(group: index, reason: reason, byteCount: 4 * group.entries))
      }
      isOver = isOver || matched <= 0
      if isOver {
        skip(.size)
        continue
      }
      if maxKeySeriesRatio > 0, Double(group.keys) / Double(most) > maxKeySeriesRatio {
        skip(.keys)
        continue
      }
      let saved: Int
      if group.isSubtraction {
        saved = part(matchRatio, of: min(group.entries, matched))
        matched -= saved
      } else {
        saved = part(1 - matchRatio, of: matched)
        matched = part(matchRatio, of: matched)
      }
      let (saving, overflows) = saved.multipliedReportingOverflow(by: seriesByteCount)
      if !overflows, 4 * group.entries > saving {
        isOver = true
        skip(.size)
      }
    }
    return skipped
  }

  private func part(_ ratio: Double, of count: Int) -> Int {
    Int((Double(count) * ratio).rounded(.up))
  }
}
