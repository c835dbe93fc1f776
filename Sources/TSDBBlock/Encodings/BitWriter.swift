/// Appends bits to bytes, most significant bit first.
///
///     bytes  … whole bytes ┬ up to 7 bits ┬ room
///                          └ cursor
///
/// Encoders that know how much they will write take ``cursor`` and the bytes into local variables,
/// see ``XOREncoder/encode(_:_:appendingTo:)``; the methods here do so for every field.
struct BitWriter: Sendable {
  /// Longer than what is written; what lies behind the cursor has no meaning.
  private var storage: [UInt8] = []
  private(set) var cursor = BitCursor()

  /// Bytes the content takes when finished now.
  var byteCount: Int { cursor.byteCount }

  mutating func removeAll() { cursor = BitCursor() }

  /// Makes room for this many bits behind the cursor.
  @inline(__always)
  mutating func reserve(bits count: Int) {
    let needed = cursor.byte &+ count / 8 &+ BitCursor.storedByteCount
    if storage.count < needed { grow(to: needed) }
  }

  @inline(never)
  private mutating func grow(to needed: Int) {
    let target = Swift.max(needed, 2 * storage.count, 256)
    storage.append(contentsOf: repeatElement(0, count: target - storage.count))
  }

  /// Writes at the cursor. `body` must stay within what was reserved.
  @inline(__always)
  mutating func write(_ body: (inout BitCursor, inout MutableRawSpan) -> Void) {
    var local = cursor
    var span = storage.mutableSpan
    // SAFETY: any bytes are bytes, and what is stored does not outlive the span.
    var bytes = unsafe span.mutableBytes
    body(&local, &bytes)
    cursor = local
  }

  /// Appends the low `count` bits of `value`, 1 to 64. Bits above them must be zero.
  @inline(__always)
  mutating func append(_ value: UInt64, _ count: Int) {
    reserve(bits: count)
    write { cursor, bytes in cursor.append(value, count, to: &bytes) }
  }

  /// Appends the varint bytes of a number; they need not lie on a byte border.
  mutating func appendUvarint(_ value: UInt64) {
    reserve(bits: 80)
    write { cursor, bytes in cursor.append(uvarint: value, to: &bytes) }
  }

  mutating func appendVarint(_ value: Int64) {
    reserve(bits: 80)
    write { cursor, bytes in cursor.append(varint: value, to: &bytes) }
  }

  /// Appends the bytes to `output`, the last one padded with zero bits.
  func copy(appendingTo output: inout [UInt8]) {
    output.append(storage.rawSpan.extracting(0..<byteCount))
  }
}

/// A place among bits being written.
///
/// Every append stores the eight bytes at the cursor, so that nothing depends on how many bits are
/// pending and no branch can be mispredicted.
struct BitCursor: Sendable {
  /// Bytes behind the cursor that an append of up to ``largestAppend`` bits may store to.
  static let storedByteCount = 16
  /// Most bits of one ``appendShort(_:_:to:)``.
  static let largestAppend = 56

  /// The byte that the next bit belongs to.
  private(set) var byte = 0
  /// The bits of that byte already written, from the top down; zeros below.
  private var pending: UInt64 = 0
  /// How many these are, 0 to 7.
  private var pendingCount = 0

  var byteCount: Int { byte &+ (pendingCount &+ 7) / 8 }

  /// Appends the low `count` bits of `value`, 0 to 56. Bits above them must be zero.
  @inline(__always)
  mutating func appendShort(_ value: UInt64, _ count: Int, to bytes: inout MutableRawSpan) {
    // With no bit at all the shift may be by 64, which is one by none: harmless for a zero.
    pending |= value &<< UInt64(truncatingIfNeeded: 64 &- pendingCount &- count)
    bytes.storeBytes(of: pending.bigEndian, toByteOffset: byte, as: UInt64.self)
    let total = pendingCount &+ count
    byte &+= total &>> 3
    pending &<<= UInt64(truncatingIfNeeded: total & ~7)
    pendingCount = total & 7
  }

  /// Appends the low `count` bits of `value`, 1 to 64. Bits above them must be zero.
  @inline(__always)
  mutating func append(_ value: UInt64, _ count: Int, to bytes: inout MutableRawSpan) {
    if count <= Self.largestAppend {
      appendShort(value, count, to: &bytes)
    } else {
      appendShort(value &>> 32, count &- 32, to: &bytes)
      appendShort(value & 0xFFFF_FFFF, 32, to: &bytes)
    }
  }

  /// Appends a number as a varint, up to 80 bits.
  @inline(__always)
  mutating func append(uvarint value: UInt64, to bytes: inout MutableRawSpan) {
    var rest = value
    while rest >> 49 != 0 {
      appendShort(rest & 0x7F | 0x80, 8, to: &bytes)
      rest &>>= 7
    }
    // Seven bytes fit an append.
    var word: UInt64 = 0
    var size = 8
    while rest >= 0x80 {
      word = (word | rest & 0x7F | 0x80) &<< 8
      size &+= 8
      rest &>>= 7
    }
    appendShort(word | rest, size, to: &bytes)
  }

  @inline(__always)
  mutating func append(varint value: Int64, to bytes: inout MutableRawSpan) {
    append(uvarint: UInt64(bitPattern: value &<< 1) ^ UInt64(bitPattern: value &>> 63), to: &bytes)
  }
}
