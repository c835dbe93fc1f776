/// A cursor over the bits of a chunk, most significant bit first.
///
/// ``peek()`` loads eight bytes at the cursor and is one load, one swap and one shift wherever the
/// span has eight bytes left, which is why decoders are given the span around a chunk and not only
/// the chunk. Nothing is checked per field: bits behind the end of the chunk read as whatever
/// follows, or zero behind the end of the span, and the decoder asks ``isPastEnd`` once per sample
/// before it believes it.
struct BitReader: ~Escapable {
  private let bytes: RawSpan
  /// Offset behind the last byte at which eight bytes can be loaded.
  private let fastEnd: Int
  /// Bit offset behind the chunk.
  let end: Int
  /// Bit offset of the next bit.
  private(set) var position: Int

  /// The bits of the bytes in `range`, cut to what `bytes` has.
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, _ range: Range<Int>) {
    self.bytes = bytes
    fastEnd = Swift.max(bytes.byteCount - 7, 0)
    end = Swift.min(Swift.max(range.upperBound, 0), bytes.byteCount) << 3
    position = Swift.max(range.lowerBound, 0) << 3
  }

  /// Whether more was read than the chunk has.
  @inline(__always)
  var isPastEnd: Bool { position > end }

  /// The next bits from the top down: at least ``guaranteedBits`` of them, zeros below.
  @inline(__always)
  func peek() -> UInt64 { word(at: position >> 3) &<< UInt64(truncatingIfNeeded: position & 7) }

  /// How many bits of ``peek()`` are always real.
  static let guaranteedBits = 57

  /// How many bits of the ``peek()`` at this place are real.
  @inline(__always)
  var peekedBits: Int { 64 &- (position & 7) }

  @inline(__always)
  mutating func skip(_ count: Int) { position &+= count }

  /// The next `count` bits, 1 to 64.
  @inline(__always)
  mutating func read(_ count: Int) -> UInt64 {
    var window = peek()
    if count > Self.guaranteedBits {
      // Up to seven bits lie in the ninth byte.
      let next = word(at: (position >> 3) &+ 1) & 0xFF
      window |= next &>> UInt64(truncatingIfNeeded: 8 &- (position & 7))
    }
    position &+= count
    return window &>> UInt64(truncatingIfNeeded: 64 &- count)
  }

  @inline(__always)
  private func word(at offset: Int) -> UInt64 {
    offset < fastEnd ? bytes.bigEndianUInt64(at: offset) : lastWord(at: offset)
  }

  /// The load near the end of the span: what is there, then zeros.
  @inline(never)
  private func lastWord(at offset: Int) -> UInt64 {
    var word: UInt64 = 0
    for index in 0..<8 {
      let place = offset &+ index
      word = word << 8 | (place < bytes.byteCount ? UInt64(bytes.byte(at: place)) : 0)
    }
    return word
  }
}
