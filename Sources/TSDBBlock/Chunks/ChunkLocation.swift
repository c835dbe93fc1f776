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
  /// Both numbers in one, as it stands in a series entry.
  public var rawValue: UInt64

  /// The location that a series entry holds.
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// A place in a segment. Of the offset 32 bits are kept.
  public init(segment: Int, offset: Int) {
    rawValue =
      UInt64(truncatingIfNeeded: segment) &<< 32 | UInt64(UInt32(truncatingIfNeeded: offset))
  }

  /// Position of the segment in the sorted listing, from 0.
  public var segment: Int { Int(truncatingIfNeeded: rawValue &>> 32) }
  /// Byte offset of the record in its file.
  public var offset: Int { Int(truncatingIfNeeded: rawValue & 0xFFFF_FFFF) }

  /// In the order of segments, then of offsets.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
