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

extension BitReader {
  /// Reads the prefix and returns the payload's size; what follows it is at the cursor.
  @inline(__always)
  private mutating func variablePayloadSize() -> Int {
    let ones = Swift.min((~peek()).leadingZeroBitCount, 8)
    skip(Swift.min(ones &+ 1, 8))
    // A table lookup would be bounds checked in the innermost loop; the switch is a jump table.
    switch ones {
    case 0: return 0
    case 1: return 3
    case 2: return 6
    case 3: return 9
    case 4: return 12
    case 5: return 18
    case 6: return 25
    case 7: return 56
    default: return 64
    }
  }

  @inline(__always)
  mutating func readVariableUnsigned() -> UInt64 {
    let size = variablePayloadSize()
    return size == 0 ? 0 : read(size)
  }

  @inline(__always)
  mutating func readVariableSigned() -> Int64 {
    let size = variablePayloadSize()
    guard size > 0 else { return 0 }
    let raw = read(size)
    guard size < 64 else { return Int64(bitPattern: raw) }
    let half = 1 as UInt64 &<< UInt64(truncatingIfNeeded: size &- 1)
    return Int64(bitPattern: raw) &- (raw > half ? Int64(bitPattern: half &<< 1) : 0)
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
  mutating func appendVariable(_ value: Int64) {
    appendVariable(bits: UInt64(bitPattern: value), bucket: VariableBits.signedBucket(of: value))
  }

  mutating func appendVariable(unsigned value: UInt64) {
    appendVariable(bits: value, bucket: VariableBits.unsignedBucket(of: value))
  }

  private mutating func appendVariable(bits: UInt64, bucket: Int) {
    guard bucket > 0 else {
      append(0, 1)
      return
    }
    // As many ones as the bucket's number, then a zero except behind eight.
    let ones = (1 as UInt64 &<< UInt64(bucket)) &- 1
    if bucket == 8 { append(ones, 8) } else { append(ones &<< 1, bucket + 1) }
    let size = VariableBits.payloadSizes[bucket]
    append(size == 64 ? bits : bits & ((1 as UInt64 &<< UInt64(size)) &- 1), size)
  }
}
