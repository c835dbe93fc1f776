/// Decimal numbers as most texts have them: a sign, few digits, a point. Anything else is for slower
/// readers.
enum DecimalNumber {
  /// Digits and where the point stands among them.
  private struct Digits {
    var magnitude: Int64 = 0
    var decimals = 0
    var isNegative = false
  }

  /// Integers up to this many digits are exact in a double, and so are powers of ten.
  private static let digitLimit = 15

  private static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]

  private static func digits(_ text: RawSpan) -> Digits? {
    var result = Digits()
    var place = 0
    var (count, hasPoint) = (0, false)
    while place < text.byteCount {
      // SAFETY: the load checks the bounds; every bit pattern is a UInt8.
      let byte = unsafe text.unsafeLoad(fromByteOffset: place, as: UInt8.self)
      place += 1
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        count += 1
        if hasPoint { result.decimals += 1 }
        guard count <= digitLimit else { return nil }
        result.magnitude = result.magnitude * 10 + Int64(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "."):
        guard !hasPoint else { return nil }
        hasPoint = true
      case UInt8(ascii: "-"):
        guard place == 1 else { return nil }
        result.isNegative = true
      default: return nil
      }
    }
    return count > 0 ? result : nil
  }

  /// The double nearest to the text; nil for anything unusual.
  static func value(_ text: RawSpan) -> Double? {
    guard let digits = digits(text) else { return nil }
    // One rounding of two exact numbers is the right one.
    let value = Double(digits.magnitude) / powers[digits.decimals]
    return digits.isNegative ? -value : value
  }

  /// Milliseconds of a text in seconds, digits behind the third decimal dropped; nil for anything
  /// unusual.
  static func milliseconds(_ text: RawSpan) -> Int64? {
    guard var digits = digits(text), digits.decimals <= 3 else { return nil }
    while digits.decimals < 3 {
      digits.magnitude *= 10
      digits.decimals += 1
    }
    return digits.isNegative ? -digits.magnitude : digits.magnitude
  }
}
