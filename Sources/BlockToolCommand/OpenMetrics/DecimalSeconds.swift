/// Seconds written as a decimal number, exact to the millisecond: no detour over a double.
enum DecimalSeconds {
  /// Milliseconds of `-1709290800.1234` or `1.7092908e9`; nil when it is no number or too large.
  static func milliseconds(_ text: String) -> Int64? {
    var bytes = Array(text.utf8)[...]
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative || bytes.first == UInt8(ascii: "+") { bytes.removeFirst() }
    guard let exponent = takeExponent(&bytes) else { return nil }
    let parts = bytes.split(
      separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    let whole = parts.first ?? []
    let fraction = parts.count > 1 ? parts[1] : []
    guard !(whole.isEmpty && fraction.isEmpty) else { return nil }
    let digits = Array(whole + fraction)
    guard digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
    // The point moves by three for milliseconds and by the exponent.
    let kept = whole.count + 3 + exponent
    guard let magnitude = magnitude(digits, kept) else { return nil }
    return isNegative ? -magnitude : magnitude
  }

  private static func takeExponent(_ bytes: inout ArraySlice<UInt8>) -> Int? {
    guard let mark = bytes.firstIndex(where: { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") })
    else { return 0 }
    let exponent = Int(String(decoding: bytes[(mark + 1)...], as: UTF8.self))
    bytes = bytes[..<mark]
    return exponent.flatMap { abs($0) < 1000 ? $0 : nil }
  }

  /// The number of the first `count` digits, with zeros where there are fewer.
  private static func magnitude(_ digits: [UInt8], _ count: Int) -> Int64? {
    guard count > 0 else { return 0 }
    var value: Int64 = 0
    for place in 0..<count {
      let digit = place < digits.count ? Int64(digits[place] - UInt8(ascii: "0")) : 0
      let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isTooLargeNow) = product.addingReportingOverflow(digit)
      guard !isTooLarge, !isTooLargeNow else { return nil }
      value = sum
    }
    return value
  }
}
