/// Where a chunk stands: position of its segment in the sorted listing of `chunks/`, and byte
/// offset of its record in that file.
///
///     63        32 31         0
///     ┌───────────┬───────────┐
///     │  segment  │  offset   │
///     └───────────┴───────────┘
///
/// The segment is a position, not the number in the file name: block files numbered from 5 are
/// still addressed from 0.
public struct ChunkLocation: Hashable, Comparable, Sendable {
  public var rawValue: UInt64

  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  public init(segment: Int, offset: Int) {
    rawValue =
      UInt64(truncatingIfNeeded: segment) &<< 32 | UInt64(UInt32(truncatingIfNeeded: offset))
  }

  public var segment: Int { Int(truncatingIfNeeded: rawValue &>> 32) }
  public var offset: Int { Int(truncatingIfNeeded: rawValue & 0xFFFF_FFFF) }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
