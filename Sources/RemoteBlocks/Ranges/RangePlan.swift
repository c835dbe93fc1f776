/// Which parts of an object to read for some ranges of it: neighbours are read together, because a
/// request costs as much time as half a megabyte.
///
///     wanted   ▬▬ ▬▬▬     ▬           ▬▬▬▬▬▬▬▬ ▬▬▬▬▬▬▬▬
///     parts    └────────────┘           └────────┘└────────┘
///                 gap ≤ limit             longer than a part may be
public struct RangePlan: Equatable, Sendable {
  public struct Limits: Equatable, Sendable {
    /// Unwanted bytes between two ranges that are read together.
    public var gap = 512 << 10
    /// Bytes of a part that is made of several ranges.
    public var part = 8 << 20

    public init() {}

    public init(gap: Int, part: Int) {
      self.gap = gap
      self.part = part
    }
  }

  struct Part: Equatable, Sendable {
    var range: Range<Int>
    /// Places of the wanted ranges that lie in it.
    var wanted: Range<Int>
  }

  /// In order. They overlap only where wanted ranges do.
  private(set) var parts: [Part] = []

  /// - Parameter wanted: in the order of their starts; they may overlap.
  public init(_ wanted: [Range<Int>], limits: Limits = Limits()) {
    for (place, range) in wanted.enumerated() {
      if let last = parts.last {
        let end = max(last.range.upperBound, range.upperBound)
        let isNear = range.lowerBound - last.range.upperBound <= limits.gap
        let fits =
          end - last.range.lowerBound <= limits.part || end == last.range.upperBound
        if isNear, fits {
          parts[parts.count - 1].range = last.range.lowerBound..<end
          parts[parts.count - 1].wanted = last.wanted.lowerBound..<place + 1
          continue
        }
      }
      parts.append(Part(range: range, wanted: place..<place + 1))
    }
  }

  /// Of all parts.
  public var byteCount: Int { parts.reduce(0) { $0 + $1.range.count } }
}
