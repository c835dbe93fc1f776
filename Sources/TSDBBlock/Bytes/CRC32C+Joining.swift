/// Checksums of bytes that were written in another order than they stand in.
///
/// A checksum is a polynomial over GF(2) modulo the Castagnoli polynomial, its highest bit the
/// coefficient of x⁰. Appending n bytes multiplies it by x⁸ⁿ; the checksum of what was appended is
/// then added, and adding is xor.
extension CRC32C {
  /// The checksum of two parts that follow each other.
  ///
  /// - Parameter count: bytes of the second part.
  /// - Complexity: O(log count).
  init(joining first: CRC32C, _ second: CRC32C, ofByteCount count: Int) {
    self.init(value: Self.product(Self.powerOfX8(count), first.value) ^ second.value)
  }

  private static let polynomial: UInt32 = 0x82F6_3B78
  private static let one: UInt32 = 1 &<< 31

  private static func product(_ left: UInt32, _ right: UInt32) -> UInt32 {
    var sum: UInt32 = 0
    var left = left
    var right = right
    while left != 0 {
      if left & one != 0 { sum ^= right }
      left &<<= 1
      right = right & 1 == 0 ? right &>> 1 : right &>> 1 ^ polynomial
    }
    return sum
  }

  /// x⁸ⁿ by squaring.
  private static func powerOfX8(_ exponent: Int) -> UInt32 {
    var power = one
    var square = one &>> 8
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { power = product(power, square) }
      square = product(square, square)
      rest &>>= 1
    }
    return power
  }
}
