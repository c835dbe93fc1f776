/// Gorilla's window of a XORed value: where its significant bits were last written.
///
///     0                     same value
///     10 + window bits      XOR within the window of before
///     11 + 5 bits leading zeros, 6 bits size (0 is 64), then that many bits
///
/// Float histograms keep one for the sum, each count and each bucket.
struct XORWindow: Sendable {
  private var trailing: UInt8 = 0
  private var significant: UInt8 = 64

  /// Reads leading zeros and size of a new window.
  @inline(__always)
  mutating func readBounds(_ bits: inout some BitReading & ~Escapable) throws(DecodeError) {
    let both = bits.read(11)
    let leading = UInt8(truncatingIfNeeded: both &>> 6)
    let size = UInt8(truncatingIfNeeded: both & 0x3F)
    significant = size == 0 ? 64 : size
    guard leading &+ significant <= 64 else { throw bits.isPastEnd ? .truncated : .malformed }
    trailing = 64 &- leading &- significant
  }

  /// Reads the bits of the window, in their place.
  @inline(__always)
  func readChange(_ bits: inout some BitReading & ~Escapable) -> UInt64 {
    bits.read(Int(significant)) &<< UInt64(trailing)
  }

  /// Reads what a value differs by from the one before it, in the form above.
  @inline(__always)
  mutating func read(_ bits: inout some BitReading & ~Escapable) throws(DecodeError) -> UInt64 {
    let window = bits.peek()
    guard window >> 63 != 0 else {
      bits.skip(1)
      return 0
    }
    var header = 2
    if window >> 62 == 0b11 {
      header = 13
      let leading = UInt8(truncatingIfNeeded: window &>> 57 & 0x1F)
      let size = UInt8(truncatingIfNeeded: window &>> 51 & 0x3F)
      significant = size == 0 ? 64 : size
      trailing = 64 &- leading &- significant
      guard leading &+ significant <= 64 else {
        throw bits.end &- bits.position < header ? .truncated : .malformed
      }
    }
    let size = Int(significant)
    // One load for head and bits where they fit.
    if header &+ size <= BitReader.guaranteedBits {
      bits.skip(header &+ size)
      let aligned = window &<< UInt64(truncatingIfNeeded: header)
      return (aligned &>> UInt64(truncatingIfNeeded: 64 &- size)) &<< UInt64(trailing)
    }
    bits.skip(header)
    return bits.read(size) &<< UInt64(trailing)
  }
}

/// The writing side of ``XORWindow``.
struct XORWindowWriter: Sendable {
  // No window yet: nothing has as many leading zeros.
  private var leading = 64
  private var trailing = 64

  var size: Int { 64 &- leading &- trailing }

  /// Leading zeros and size. A size of 64 is written as 0; a size of 0 never occurs.
  private var bounds: UInt64 {
    UInt64(truncatingIfNeeded: leading &<< 6 | (size & 0x3F))
  }

  /// Whether the bits of `change` fit the window of before; if not, the window becomes theirs.
  @inline(__always)
  mutating func reuses(_ change: UInt64) -> Bool {
    // Five bits hold the leading zeros.
    let newLeading = Swift.min(change.leadingZeroBitCount, 31)
    let newTrailing = change.trailingZeroBitCount
    // Neighbours in a series change their minds often: no branch to mispredict.
    let fits = (newLeading &- leading) | (newTrailing &- trailing) >= 0
    leading = fits ? leading : newLeading
    trailing = fits ? trailing : newTrailing
    return fits
  }

  func appendBounds(to bits: inout BitWriter) {
    bits.append(bounds, 11)
  }

  func appendChange(_ change: UInt64, to bits: inout BitWriter) {
    bits.append(change >> UInt64(trailing), size)
  }

  /// Writes `new` against `old` in the form of ``XORWindow``.
  mutating func append(_ new: UInt64, against old: UInt64, to bits: inout BitWriter) {
    bits.reserve(bits: 77)
    var window = self
    bits.write { cursor, bytes in window.append(new ^ old, behind: 0, 0, &cursor, &bytes) }
    self = window
  }

  /// Writes a XORed value in the form of ``XORWindow`` behind the low `headSize` bits of `head`, at
  /// most 43.
  @inline(__always)
  mutating func append(
    _ change: UInt64, behind head: UInt64, _ headSize: Int,
    _ cursor: inout BitCursor, _ bytes: inout MutableRawSpan
  ) {
    guard change != 0 else {
      cursor.appendShort(head &<< 1, headSize &+ 1, to: &bytes)
      return
    }
    let fits = reuses(change)
    let control = fits ? 0b10 : 0b11 << 11 | bounds
    let controlSize = fits ? 2 : 13
    let front = head &<< UInt64(truncatingIfNeeded: controlSize) | control
    let frontSize = headSize &+ controlSize
    let back = change &>> UInt64(truncatingIfNeeded: trailing)
    if frontSize &+ size <= BitCursor.largestAppend {
      cursor.appendShort(
        front &<< UInt64(truncatingIfNeeded: size) | back, frontSize &+ size, to: &bytes)
    } else {
      cursor.appendShort(front, frontSize, to: &bytes)
      cursor.append(back, size, to: &bytes)
    }
  }
}
