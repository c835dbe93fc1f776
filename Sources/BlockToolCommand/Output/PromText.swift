internal import TSDBBlock

/// Labels and floats exactly as `promtool tsdb dump` prints them.
enum PromText {
  /// `{__name__="up", job="api"}`, names bare, values quoted as Go quotes.
  static func labels(_ labels: LabelSet) -> String {
    let parts = labels.pairs.map {
      String(decoding: $0.name, as: UTF8.self) + "=" + quoted($0.value)
    }
    return "{" + parts.joined(separator: ", ") + "}"
  }

  /// Go's `%g`: the shortest digits that read back as the same number.
  static func float(_ bits: UInt64) -> String {
    let value = Double(bitPattern: bits)
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    // Most values are small whole numbers, whose digits are soon found.
    if abs(value) < 1e6, value.rounded(.towardZero) == value, value != 0 {
      return String(Int(value))
    }
    let (digits, exponent) = shortestDigits(abs(value))
    let sign = value.sign == .minus ? "-" : ""
    if exponent < -4 || exponent >= 6 {
      return sign + scientific(digits, exponent)
    }
    return sign + plain(digits, exponent)
  }

  /// The significant digits without trailing zeros, and the power of ten of the first.
  private static func shortestDigits(_ value: Double) -> (digits: [UInt8], exponent: Int) {
    guard value != 0 else { return ([UInt8(ascii: "0")], 0) }
    var digits: [UInt8] = []
    var point: Int?
    var exponent = 0
    let text = Array(value.description.utf8)
    for (index, byte) in text.enumerated() {
      if byte == UInt8(ascii: ".") {
        point = digits.count
      } else if byte == UInt8(ascii: "e") {
        exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
        break
      } else {
        digits.append(byte)
      }
    }
    exponent += (point ?? digits.count) - 1
    let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
    digits.removeFirst(leading)
    exponent -= leading
    while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return (digits, exponent)
  }

  private static func scientific(_ digits: [UInt8], _ exponent: Int) -> String {
    var text = String(decoding: digits.prefix(1), as: UTF8.self)
    if digits.count > 1 { text += "." + String(decoding: digits.dropFirst(), as: UTF8.self) }
    let magnitude = abs(exponent)
    return text + (exponent < 0 ? "e-" : "e+") + (magnitude < 10 ? "0" : "") + "\(magnitude)"
  }

  private static func plain(_ digits: [UInt8], _ exponent: Int) -> String {
    let text = String(decoding: digits, as: UTF8.self)
    if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + text }
    guard digits.count > exponent + 1 else {
      return text + String(repeating: "0", count: exponent + 1 - digits.count)
    }
    return text.prefix(exponent + 1) + "." + text.dropFirst(exponent + 1)
  }
}
