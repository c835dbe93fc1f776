internal import Glibc

/// Byte order, the order of everything in a block: `memcmp`, a proper prefix first.
///
/// Swift's `String` orders and equates by canonical equivalence, which would merge series that
/// differ only in the composition of a letter.
public enum ByteOrder {
  /// Negative, zero or positive, as `left` sorts before, with or after `right`.
  @inline(__always)
  public static func compare(_ left: RawSpan, _ right: RawSpan) -> Int {
    let common = min(left.byteCount, right.byteCount)
    // SAFETY: both closures read `common` bytes, which both spans have.
    let order = unsafe left.withUnsafeBytes { l in
      unsafe right.withUnsafeBytes { r -> Int in
        guard let l = l.baseAddress, let r = r.baseAddress, common > 0 else { return 0 }
        return unsafe Int(memcmp(l, r, common))
      }
    }
    return order != 0 ? order : left.byteCount - right.byteCount
  }

  /// Whether both have the same bytes.
  @inline(__always)
  public static func equal(_ left: RawSpan, _ right: RawSpan) -> Bool {
    left.byteCount == right.byteCount && compare(left, right) == 0
  }

  /// Whether `left` sorts before `right`.
  public static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    compare(left.rawSpan, right.rawSpan) < 0
  }
}
