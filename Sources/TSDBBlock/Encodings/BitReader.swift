/// A cursor over bits, most significant bit first.
///
/// What decoders of samples are written against, so that one source makes both the loop for the
/// bulk of a chunk (``InnerBitReader``) and the one for its end (``BitReader``).
protocol BitReading: ~Escapable {
  /// Bit offset behind the chunk.
  var end: Int { get }
  /// Bit offset of the next bit.
  var position: Int { get }
  /// How many bits of the ``peek()`` at this place are real.
  var peekedBits: Int { get }
  /// The next bits from the top down: at least ``BitReader/guaranteedBits`` of them, zeros below.
  func peek() -> UInt64
  mutating func skip(_ count: Int)
  /// The next `count` bits, 1 to 64.
  mutating func read(_ count: Int) -> UInt64
}

extension BitReading where Self: ~Escapable {
  /// Whether more was read than the chunk has.
  @inline(__always)
  var isPastEnd: Bool { position > end }
}

/// A cursor over the bits of a chunk, most significant bit first.
///
/// ``peek()`` loads eight bytes at the cursor and is one load, one swap and one shift wherever the
/// span has eight bytes left, which is why decoders are given the span around a chunk and not only
/// the chunk. Nothing is checked per field: bits behind the end of the chunk read as whatever
/// follows, or zero behind the end of the span, and the decoder asks ``isPastEnd`` once per sample
/// before it believes it.
struct BitReader: BitReading, ~Escapable {
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

  @inline(__always)
  func peek() -> UInt64 { word(at: position >> 3) &<< UInt64(truncatingIfNeeded: position & 7) }

  /// How many bits of ``peek()`` are always real.
  static let guaranteedBits = 57

  @inline(__always)
  var peekedBits: Int { 64 &- (position & 7) }

  @inline(__always)
  mutating func skip(_ count: Int) { position &+= count }

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

  /// A cursor at the same place for reading as long as it ``InnerBitReader/canRead(_:)``.
  @_lifetime(copy self)
  func inner() -> InnerBitReader {
    InnerBitReader(bytes, end: end, position: position)
  }

  /// Moves to where `inner` came to.
  mutating func advance(to inner: borrowing InnerBitReader) { position = inner.position }

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

/// A ``BitReader`` for the bulk of a chunk: it must be asked whether the next bits
/// ``canRead(_:)`` and then loads without caring for the end of the span. Nothing in its loop is a
/// call, so the state of a decoder stays in registers.
struct InnerBitReader: BitReading, ~Escapable {
  let bytes: RawSpan
  let end: Int
  private(set) var position: Int

  @_lifetime(copy bytes)
  fileprivate init(_ bytes: RawSpan, end: Int, position: Int) {
    self.bytes = bytes
    self.end = end
    self.position = position
  }

  /// Whether the next `count` bits, and what a load at the last of them takes, lie in the span.
  @inline(__always)
  func canRead(_ count: Int) -> Bool {
    position &+ (count &+ 72) <= bytes.byteCount &<< 3
  }

  @inline(__always)
  func peek() -> UInt64 {
    bytes.bigEndianUInt64(at: position >> 3) &<< UInt64(truncatingIfNeeded: position & 7)
  }

  @inline(__always)
  var peekedBits: Int { 64 &- (position & 7) }

  @inline(__always)
  mutating func skip(_ count: Int) { position &+= count }

  @inline(__always)
  mutating func read(_ count: Int) -> UInt64 {
    var window = peek()
    if count > BitReader.guaranteedBits {
      let next = UInt64(bytes.byte(at: (position >> 3) &+ 8))
      window |= next &>> UInt64(truncatingIfNeeded: 8 &- (position & 7))
    }
    position &+= count
    return window &>> UInt64(truncatingIfNeeded: 64 &- count)
  }
}
