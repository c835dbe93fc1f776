/// Gorilla's window of a XORed value: where its significant bits were last written.
///
///     0                     same value
///     10 + window bits      XOR within the window of before
///     11 + 5 bits leading zeros, 6 bits size (0 is 64), then that many bits
///
/// Float histograms keep one for the sum, each count and each bucket.
struct XORWindow {
  private var trailing: UInt8 = 0
  private var significant: UInt8 = 64

  /// Reads leading zeros and size of a new window.
  @inline(__always)
  mutating func readBounds(_ bits: inout BitReader) throws(DecodeError) {
    let both = bits.read(11)
    let leading = UInt8(truncatingIfNeeded: both &>> 6)
    let size = UInt8(truncatingIfNeeded: both & 0x3F)
    significant = size == 0 ? 64 : size
    guard leading &+ significant <= 64 else { throw bits.isPastEnd ? .truncated : .malformed }
    trailing = 64 &- leading &- significant
  }

  /// Reads the bits of the window, in their place.
  @inline(__always)
  func readChange(_ bits: inout BitReader) -> UInt64 {
    bits.read(Int(significant)) &<< UInt64(trailing)
  }

  /// Reads a value in the form above.
  @inline(__always)
  mutating func read(_ value: inout UInt64, _ bits: inout BitReader) throws(DecodeError) {
    let control = bits.peek() >> 62
    guard control >= 0b10 else {
      bits.skip(1)
      return
    }
    bits.skip(2)
    if control == 0b11 { try readBounds(&bits) }
    value ^= readChange(&bits)
  }
}

/// The writing side of ``XORWindow``.
struct XORWindowWriter: Sendable {
  private var leading: UInt8 = 0
  private var trailing: UInt8 = 0
  private var isSet = false

  /// Whether the bits of `change` fit the window of before; if not, the window becomes theirs.
  mutating func reuses(_ change: UInt64) -> Bool {
    // Five bits hold the leading zeros.
    let newLeading = UInt8(min(change.leadingZeroBitCount, 31))
    let newTrailing = UInt8(change.trailingZeroBitCount)
    if isSet, newLeading >= leading, newTrailing >= trailing { return true }
    leading = newLeading
    trailing = newTrailing
    isSet = true
    return false
  }

  var size: Int { 64 - Int(leading) - Int(trailing) }

  func appendBounds(to bits: inout BitWriter) {
    bits.append(bounds, 11)
  }

  /// Leading zeros and size. A size of 64 is written as 0; a size of 0 never occurs.
  private var bounds: UInt64 { UInt64(leading) << 6 | UInt64(size & 0x3F) }

  func appendChange(_ change: UInt64, to bits: inout BitWriter) {
    bits.append(change >> UInt64(trailing), size)
  }

  /// Writes `new` against `old` in the form of ``XORWindow``.
  mutating func append(_ new: UInt64, against old: UInt64, to bits: inout BitWriter) {
    let change = new ^ old
    guard change != 0 else {
      bits.append(0, 1)
      return
    }
    if reuses(change) {
      bits.append(0b10, 2)
    } else {
      bits.append(0b11 << 11 | bounds, 13)
    }
    appendChange(change, to: &bits)
  }
}
