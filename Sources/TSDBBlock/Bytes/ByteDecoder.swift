/// A cursor over bytes that nobody vouches for.
///
/// Every read compares what it needs with what remains before it touches anything. Fixed integers
/// are big endian, as everywhere in a block. `uvarint` is unsigned LEB128, `varint` its zig-zag
/// form. Keep it in a local `var`: a cursor stored in a class costs an exclusivity check per read.
public struct ByteDecoder: ~Escapable {
  /// What is read.
  public let bytes: RawSpan
  /// Offset of the next byte, from 0 to `bytes.byteCount`.
  public var position: Int { place }
  @usableFromInline var place: Int

  /// A cursor that stands at `position`, or at the end when that lies outside.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan, at position: Int = 0) {
    self.bytes = bytes
    place = Swift.min(Swift.max(position, 0), bytes.byteCount)
  }

  /// Bytes from the position to the end.
  @inlinable
  public var remaining: Int { bytes.byteCount - place }

  /// Moves on by `count` bytes.
  ///
  /// - Throws: `truncated` when fewer remain.
  @inlinable @inline(__always)
  public mutating func skip(_ count: Int) throws(DecodeError) {
    guard count >= 0, count <= remaining else { throw .truncated }
    place &+= count
  }

  /// Reads a byte.
  ///
  /// - Throws: `truncated` when none remains.
  @inlinable @inline(__always)
  public mutating func uint8() throws(DecodeError) -> UInt8 {
    guard remaining >= 1 else { throw .truncated }
    // SAFETY: the guard proves the byte is there; likewise in the three loads below.
    let value = unsafe bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self)
    place &+= 1
    return value
  }

  /// Reads two bytes, big endian.
  ///
  /// - Throws: `truncated` when fewer remain.
  @inlinable @inline(__always)
  public mutating func uint16() throws(DecodeError) -> UInt16 {
    guard remaining >= 2 else { throw .truncated }
    let value = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt16.self)
    place &+= 2
    return UInt16(bigEndian: value)
  }

  /// Reads four bytes, big endian.
  ///
  /// - Throws: `truncated` when fewer remain.
  @inlinable @inline(__always)
  public mutating func uint32() throws(DecodeError) -> UInt32 {
    guard remaining >= 4 else { throw .truncated }
    let value = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt32.self)
    place &+= 4
    return UInt32(bigEndian: value)
  }

  /// Reads eight bytes, big endian.
  ///
  /// - Throws: `truncated` when fewer remain.
  @inlinable @inline(__always)
  public mutating func uint64() throws(DecodeError) -> UInt64 {
    guard remaining >= 8 else { throw .truncated }
    let value = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
    place &+= 8
    return UInt64(bigEndian: value)
  }

  /// Reads an unsigned number of variable length.
  ///
  /// - Throws: `truncated` when it does not end, `overflow` when it has more than 64 bits.
  @inlinable @inline(__always)
  public mutating func uvarint() throws(DecodeError) -> UInt64 {
    guard remaining >= 1 else { throw .truncated }
    // SAFETY: the guard proves the byte is there.
    let first = unsafe bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self)
    if first < 0x80 {
      place &+= 1
      return UInt64(first)
    }
    return remaining >= 8 ? try wordUvarint() : try slowUvarint()
  }

  /// Where eight bytes can be loaded: finds the last byte of the number and squeezes out the
  /// continuation bits without a loop, whose length nobody could predict.
  @usableFromInline
  mutating func wordUvarint() throws(DecodeError) -> UInt64 {
    // SAFETY: the caller checked that eight bytes remain.
    var word = unsafe UInt64(
      littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
    let ends = ~word & 0x8080_8080_8080_8080
    guard ends != 0 else { return try slowUvarint() }
    word &= ends ^ (ends &- 1)
    word = (word & 0x007F_007F_007F_007F) | (word & 0x7F00_7F00_7F00_7F00) &>> 1
    word = (word & 0x0000_3FFF_0000_3FFF) | (word & 0x3FFF_0000_3FFF_0000) &>> 2
    word = (word & 0x0000_0000_0FFF_FFFF) | (word & 0x0FFF_FFFF_0000_0000) &>> 4
    place &+= ends.trailingZeroBitCount &>> 3 &+ 1
    return word
  }

  @usableFromInline @inline(never)
  mutating func slowUvarint() throws(DecodeError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    var offset = place
    let end = bytes.byteCount
    while offset < end {
      // SAFETY: offset < end.
      let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      offset &+= 1
      // The tenth byte may carry only the last of 64 bits.
      guard shift < 63 || (shift == 63 && byte <= 1) else { throw .overflow }
      result |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 {
        place = offset
        return result
      }
      shift &+= 7
    }
    throw .truncated
  }

  /// Reads a signed number of variable length.
  ///
  /// - Throws: as ``uvarint()`` does.
  @inlinable @inline(__always)
  public mutating func varint() throws(DecodeError) -> Int64 {
    let raw = try uvarint()
    return Int64(bitPattern: raw &>> 1) ^ -Int64(bitPattern: raw & 1)
  }

  /// A uvarint that counts bytes or entries and so cannot exceed what remains.
  @inlinable @inline(__always)
  public mutating func count(of minimumEntrySize: Int = 1) throws(DecodeError) -> Int {
    let value = try uvarint()
    guard value <= UInt64(remaining / Swift.max(minimumEntrySize, 1)) else { throw .truncated }
    return Int(value)
  }

  /// A uvarint length and the range of that many bytes after it, which are skipped.
  @inlinable @inline(__always)
  public mutating func lengthPrefixed() throws(DecodeError) -> Range<Int> {
    let length = try count()
    let start = place
    place &+= length
    return start..<start &+ length
  }
}
