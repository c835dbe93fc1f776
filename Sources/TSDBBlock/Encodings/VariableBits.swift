/// Numbers of variable bit length, as the XOR2 and histogram encodings write them:
///
///     prefix     payload     signed range              unsigned up to
///     0               0      0                         0
///     10              3      −3 … 4                    7
///     110             6      −31 … 32                  63
///     1110            9      −255 … 256                511
///     11110          12      −2047 … 2048              4095
///     111110         18      −131071 … 131072          262143
///     1111110        25      −16777215 … 16777216      33554431
///     11111110       56      −(2⁵⁵−1) … 2⁵⁵            2⁵⁶−1
///     11111111       64      the rest                  the rest
///
/// Signed payloads are not two's complement: exactly half the range is still positive.
enum VariableBits {
  // On disk, never renumber.
  static let payloadSizes: [Int] = [0, 3, 6, 9, 12, 18, 25, 56, 64]
  /// Bits of the longest number with its prefix.
  static let largestSize = 72

  /// Prefixes up to this many ones are followed by at most 25 bits: one load has both.
  static let largestPeekedPrefix = 6
  /// Up to here each further one means three more bits of payload.
  static let largestSmallPrefix = 4

  /// Leading ones of a window; those behind the seventh mean nothing.
  @inline(__always)
  static func ones(_ window: UInt64) -> Int {
    // Never all zero, which spares the processor's instruction a special case.
    (~window | 1).leadingZeroBitCount
  }

  /// 0, 3, 6, 9, 12, 18 or 25 for prefixes up to ``largestPeekedPrefix``. Neither a table in memory
  /// nor branches: neighbouring buckets have unforeseeable sizes.
  @inline(__always)
  static func peekedPayloadSize(_ ones: Int) -> Int {
    let sizes: UInt64 = 0x19_12_0C_09_06_03_00
    return Int(truncatingIfNeeded: sizes &>> UInt64(truncatingIfNeeded: ones &<< 3) & 0xFF)
  }

  /// Bits of prefix and payload for prefixes up to ``largestSmallPrefix``.
  @inline(__always)
  static func smallSize(_ ones: Int) -> UInt64 { UInt64(truncatingIfNeeded: 4 &* ones &+ 1) }

  /// The top `size` bits, 0 to 63.
  @inline(__always)
  static func top(_ size: Int, of window: UInt64) -> UInt64 {
    (window &>> 1) &>> UInt64(truncatingIfNeeded: 63 &- size)
  }

  /// The number that a payload of up to 63 bits stands for.
  @inline(__always)
  static func signed(_ raw: UInt64, _ size: Int) -> Int64 {
    let range = 1 as UInt64 &<< UInt64(truncatingIfNeeded: size)
    return Int64(bitPattern: raw > range &>> 1 ? raw &- range : raw)
  }

  /// The number at the top of a window, whose prefix is at most ``largestSmallPrefix`` ones.
  @inline(__always)
  static func smallSigned(_ window: UInt64, _ ones: Int) -> Int64 {
    let size = 3 &* ones
    return signed(top(size, of: window &<< UInt64(truncatingIfNeeded: ones &+ 1)), size)
  }

  static func signedBucket(of value: Int64) -> Int {
    switch value {
    case 0: 0
    case -3...4: 1
    case -31...32: 2
    case -255...256: 3
    case -2047...2048: 4
    case -131_071...131_072: 5
    case -16_777_215...16_777_216: 6
    case -36_028_797_018_963_967...36_028_797_018_963_968: 7
    default: 8
    }
  }

  static func unsignedBucket(of value: UInt64) -> Int {
    switch 64 - value.leadingZeroBitCount {
    case 0: 0
    case 1...3: 1
    case 4...6: 2
    case 7...9: 3
    case 10...12: 4
    case 13...18: 5
    case 19...25: 6
    case 26...56: 7
    default: 8
    }
  }
}

extension BitReading where Self: ~Escapable {
  @inline(__always)
  mutating func readVariableUnsigned() -> UInt64 {
    let window = peek()
    let ones = VariableBits.ones(window)
    if ones > VariableBits.largestPeekedPrefix {
      let raw = longVariable(ones)
      skip(ones == 7 ? 64 : 72)
      return raw
    }
    let size = VariableBits.peekedPayloadSize(ones)
    skip(ones &+ 1 &+ size)
    return VariableBits.top(size, of: window &<< UInt64(truncatingIfNeeded: ones &+ 1))
  }

  @inline(__always)
  mutating func readVariableSigned() -> Int64 {
    let window = peek()
    let ones = VariableBits.ones(window)
    if ones > VariableBits.largestPeekedPrefix {
      let raw = longVariable(ones)
      skip(ones == 7 ? 64 : 72)
      return ones == 7 ? VariableBits.signed(raw, 56) : Int64(bitPattern: raw)
    }
    let size = VariableBits.peekedPayloadSize(ones)
    skip(ones &+ 1 &+ size)
    let payload = VariableBits.top(size, of: window &<< UInt64(truncatingIfNeeded: ones &+ 1))
    return VariableBits.signed(payload, size)
  }

  /// Reads three signed numbers: with one load where none has more than 12 bits of payload.
  @inline(__always)
  mutating func readVariableSigned3() -> (Int64, Int64, Int64) {
    let first = peek()
    let firstOnes = VariableBits.ones(first)
    let second = first &<< VariableBits.smallSize(firstOnes)
    let secondOnes = VariableBits.ones(second)
    let third = second &<< VariableBits.smallSize(secondOnes)
    let thirdOnes = VariableBits.ones(third)
    guard Swift.max(firstOnes, secondOnes, thirdOnes) <= VariableBits.largestSmallPrefix else {
      return (readVariableSigned(), readVariableSigned(), readVariableSigned())
    }
    skip(4 &* (firstOnes &+ secondOnes &+ thirdOnes) &+ 3)
    return (
      VariableBits.smallSigned(first, firstOnes), VariableBits.smallSigned(second, secondOnes),
      VariableBits.smallSigned(third, thirdOnes)
    )
  }

  /// What follows a prefix of seven or eight ones, which is at the cursor.
  ///
  /// Does not move the cursor: a call that changes it would keep it in memory all the time.
  @inline(never)
  private func longVariable(_ ones: Int) -> UInt64 {
    var ahead = copy self
    ahead.skip(8)
    return ahead.read(ones == 7 ? 56 : 64)
  }

  /// An unsigned LEB128 varint that need not lie on a byte border.
  mutating func readUvarint() throws(DecodeError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 64 {
      let byte = read(8)
      guard !isPastEnd else { throw .truncated }
      guard shift < 63 || byte <= 1 else { throw .overflow }
      result |= (byte & 0x7F) &<< shift
      if byte < 0x80 { return result }
      shift &+= 7
    }
    throw .overflow
  }

  mutating func readVarint() throws(DecodeError) -> Int64 {
    let raw = try readUvarint()
    return Int64(bitPattern: raw &>> 1) ^ -Int64(bitPattern: raw & 1)
  }
}

extension BitWriter {
  @inline(__always)
  mutating func appendVariable(_ value: Int64) {
    reserve(bits: VariableBits.largestSize)
    write { cursor, bytes in cursor.appendVariable(value, to: &bytes) }
  }

  mutating func appendVariable(unsigned value: UInt64) {
    reserve(bits: VariableBits.largestSize)
    write { cursor, bytes in
      cursor.appendVariable(bits: value, bucket: VariableBits.unsignedBucket(of: value), to: &bytes)
    }
  }
}

extension BitCursor {
  /// Appends a signed number; that takes up to ``VariableBits/largestSize`` bits.
  @inline(__always)
  mutating func appendVariable(_ value: Int64, to bytes: inout MutableRawSpan) {
    // 0 and 1, −1 and 2 and so on have the same magnitude, as the ranges are not symmetric.
    let less = value &- 1
    let magnitude = less ^ (less &>> 63)
    guard magnitude < 1 << 11 else {
      appendVariable(
        bits: UInt64(bitPattern: value), bucket: VariableBits.signedBucket(of: value), to: &bytes)
      return
    }
    // Without branches: neighbouring buckets have unforeseeable sizes. One of four bits for each
    // number of significant bits.
    let prefixes: UInt64 = 0x4443_3322_2111
    let significant = UInt64(truncatingIfNeeded: 64 &- magnitude.leadingZeroBitCount)
    let ones = value == 0 ? 0 : prefixes &>> (significant &<< 2) & 0xF
    let size = 3 &* ones
    let payload = UInt64(bitPattern: value) & (1 &<< size &- 1)
    let prefix = (1 &<< ones &- 1) &<< (size &+ 1)
    appendShort(prefix | payload, Int(truncatingIfNeeded: 4 &* ones &+ 1), to: &bytes)
  }

  @inline(never)
  fileprivate mutating func appendVariable(
    bits: UInt64, bucket: Int, to bytes: inout MutableRawSpan
  ) {
    // As many ones as the bucket's number, then a zero except behind eight.
    let ones = (1 as UInt64 &<< UInt64(bucket)) &- 1
    if bucket == 8 {
      appendShort(ones, 8, to: &bytes)
    } else {
      appendShort(ones &<< 1, bucket + 1, to: &bytes)
    }
    guard bucket > 0 else { return }
    let size = VariableBits.payloadSizes[bucket]
    append(size == 64 ? bits : bits & ((1 as UInt64 &<< UInt64(size)) &- 1), size, to: &bytes)
  }
}
