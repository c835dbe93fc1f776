/// The shortest decimal text that reads back as `value`, spelled as Go and Prometheus spell it:
/// `1`, `0.25`, `1e+06`, `+Inf`, `NaN`.
///
/// The spelling matters where it becomes a label value: `le="1.048576e+06"`.
func shortestText(_ value: Double) -> String {
  if value.isNaN { return "NaN" }
  if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
  let sign = value.sign == .minus ? "-" : ""
  if value == 0 { return sign + "0" }
  let decimal = Decimal(of: value.magnitude)
  let isExponential = decimal.exponent < -4 || decimal.exponent >= 6
  return sign + (isExponential ? decimal.exponentialText : decimal.plainText)
}

/// Significant digits and the power of ten of the first one.
private struct Decimal {
  private var digits: [Character] = []
  private(set) var exponent = -1

  init(of magnitude: Double) {
    let parts = magnitude.description.split(separator: "e")
    var isFraction = false
    for character in parts.first ?? "" {
      if character == "." {
        isFraction = true
        continue
      }
      if !(digits.isEmpty && character == "0") { digits.append(character) }
      if isFraction {
        if digits.isEmpty { exponent -= 1 }
      } else if !digits.isEmpty {
        exponent += 1
      }
    }
    while digits.last == "0" { digits.removeLast() }
    if parts.count == 2, let power = Int(parts[1]) { exponent += power }
  }

  var exponentialText: String {
    let fraction = digits.count > 1 ? "." + String(digits.dropFirst()) : ""
    let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
    return "\(digits[0])\(fraction)e\(exponent < 0 ? "-" : "+")\(power)"
  }

  var plainText: String {
    if exponent < 0 {
      return "0." + String(repeating: "0", count: -exponent - 1) + String(digits)
    }
    let wholeCount = exponent + 1
    guard digits.count > wholeCount else {
      return String(digits) + String(repeating: "0", count: wholeCount - digits.count)
    }
    return String(digits[..<wholeCount]) + "." + String(digits[wholeCount...])
  }
}
