internal import ObjectStore
public import TSDBBlock

/// How long blocks of each resolution are kept.
///
///     block   [ minTime … maxTime ]───────── retention ─────────► gone
///
/// A block goes as a whole, when its newest sample is due.
public struct RetentionPolicy: Equatable, Sendable {
  /// Milliseconds; 0 keeps them for ever.
  public var raw: Int64
  public var fiveMinutes: Int64
  public var oneHour: Int64

  public init(raw: Int64 = 0, fiveMinutes: Int64 = 0, oneHour: Int64 = 0) {
    self.raw = raw
    self.fiveMinutes = fiveMinutes
    self.oneHour = oneHour
  }

  /// Whether it keeps everything for ever.
  public var isEmpty: Bool { self == RetentionPolicy() }

  /// Milliseconds a block is kept, 0 for ever. No flag speaks of resolutions beside Thanos' three.
  func retention(of meta: BlockMeta) -> Int64 {
    switch meta.resolution {
    case Resolution.raw: raw
    case Resolution.fiveMinutes: fiveMinutes
    case Resolution.oneHour: oneHour
    default: 0
    }
  }

  /// Whether the time of a block is over; counted from whole seconds, as the reference does.
  ///
  /// - Parameter now: Unix milliseconds.
  public func isOver(_ meta: BlockMeta, now: Int64) -> Bool {
    let retention = retention(of: meta)
    guard retention != 0 else { return false }
    let part = meta.maxTime % 1000
    // Wraps only where seconds end before time begins, at the far end of the past.
    let end = meta.maxTime &- (part < 0 ? part + 1000 : part)
    let (due, overflow) = min(end, meta.maxTime).addingReportingOverflow(retention)
    return !overflow && now > due
  }

  /// What a deletion mark says.
  func details(for meta: BlockMeta) -> String {
    "block exceeding retention of \(GoDuration.text(milliseconds: retention(of: meta)))"
  }
}

/// Thanos' resolutions in milliseconds.
public enum Resolution {
  public static let raw: Int64 = 0
  public static let fiveMinutes: Int64 = 300_000
  public static let oneHour: Int64 = 3_600_000
}
