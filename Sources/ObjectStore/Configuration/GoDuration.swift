/// Lengths of time as Go writes them: `24h`, `1h30m`, `1.5s`, `250ms`.
package enum GoDuration {
  private static let units: [(name: String, nanoseconds: Double)] = [
    ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9),
    ("h", 3600e9),
  ]

  /// Nil when the text is no duration, a negative one, or one beyond 292 years.
  package static func parse(_ text: String) -> Duration? {
    if text == "0" { return .zero }
    var total = 0.0
    var rest = text[...]
    while !rest.isEmpty {
      let number = rest.prefix { $0 == "." || ($0.isASCII && $0.isNumber) }
      rest = rest[number.endIndex...]
      let name = rest.prefix { $0 != "." && !($0.isASCII && $0.isNumber) }
      rest = rest[name.endIndex...]
      guard let value = Double(number),
        let unit = units.first(where: { $0.name.utf8.elementsEqual(name.utf8) })
      else { return nil }
      total += value * unit.nanoseconds
    }
    guard !text.isEmpty, total < 0x1p63 else { return nil }
    return .nanoseconds(Int64(total))
  }
}

extension GoDuration {
  /// A length of time as Go prints it: `8760h0m0s`, `1m1.5s`, `20ms`, `-24h0m0s`.
  package static func text(milliseconds: Int64) -> String {
    if milliseconds == 0 { return "0s" }
    let sign = milliseconds < 0 ? "-" : ""
    let magnitude = milliseconds.magnitude
    if magnitude < 1000 { return "\(sign)\(magnitude)ms" }
    let (seconds, fraction) = magnitude.quotientAndRemainder(dividingBy: 1000)
    var text = "\(seconds % 60)"
    if fraction > 0 {
      var digits = String(fraction + 1000).dropFirst()
      while digits.last == "0" { digits.removeLast() }
      text += ".\(digits)"
    }
    text += "s"
    if seconds >= 60 { text = "\(seconds / 60 % 60)m" + text }
    if seconds >= 3600 { text = "\(seconds / 3600)h" + text }
    return sign + text
  }
}
