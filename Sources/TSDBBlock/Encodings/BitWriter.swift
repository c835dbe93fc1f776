/// Appends bits to bytes, most significant bit first, by way of a 64-bit accumulator.
struct BitWriter: Sendable {
  /// Whole words already written; the accumulator holds what comes after them.
  private(set) var bytes: [UInt8] = []
  /// Pending bits from the top down.
  private var pending: UInt64 = 0
  /// How many bits are pending, 0 to 63.
  private var pendingCount = 0

  /// Bytes the content takes when finished now.
  var byteCount: Int { bytes.count + (pendingCount + 7) / 8 }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    pending = 0
    pendingCount = 0
  }

  /// Appends the low `count` bits of `value`, 1 to 64. Bits above them must be zero.
  mutating func append(_ value: UInt64, _ count: Int) {
    let free = 64 &- pendingCount
    if count < free {
      pending |= value &<< UInt64(truncatingIfNeeded: free &- count)
      pendingCount &+= count
      return
    }
    let left = count &- free
    flush(pending | value &>> UInt64(truncatingIfNeeded: left))
    // A shift by 64 would be a shift by none.
    pending = left == 0 ? 0 : value &<< UInt64(truncatingIfNeeded: 64 &- left)
    pendingCount = left
  }

  /// Appends the varint bytes of a number; they need not lie on a byte border.
  mutating func appendUvarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(rest & 0x7F | 0x80, 8)
      rest >>= 7
    }
    append(rest, 8)
  }

  mutating func appendVarint(_ value: Int64) {
    appendUvarint(UInt64(bitPattern: value &<< 1) ^ UInt64(bitPattern: value >> 63))
  }

  /// Pads to a byte with zero bits and moves everything into `bytes`.
  mutating func align() {
    for _ in 0..<(pendingCount + 7) / 8 {
      bytes.append(UInt8(truncatingIfNeeded: pending >> 56))
      pending <<= 8
    }
    pending = 0
    pendingCount = 0
  }

  private mutating func flush(_ word: UInt64) {
    // SAFETY: the closure only copies the eight bytes of the number.
    unsafe withUnsafeBytes(of: word.bigEndian) { unsafe bytes.append(contentsOf: $0) }
  }
}
