internal import TSDBBlock

/// Numbers and times for people.
package enum HumanText {
  /// `1,234,567`
  package static func count(_ value: some BinaryInteger) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + text
  }

  /// `512 B`, `4.2 KiB`, `1.3 GiB`
  package static func bytes(_ value: Int) -> String {
    var amount = Double(value)
    for unit in ["B", "KiB", "MiB", "GiB"] {
      if amount < 1024 || unit == "GiB" {
        return unit == "B" ? "\(value) B" : "\(decimal(amount, 1)) \(unit)"
      }
      amount /= 1024
    }
    return "\(value) B"
  }

  /// With a fixed number of digits behind the point.
  package static func decimal(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int64((abs(value) * scale).rounded())
    let whole = scaled / Int64(scale)
    let rest = String(scaled % Int64(scale))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return sign + String(whole) }
    return sign + "\(whole)." + String(repeating: "0", count: digits - rest.count) + rest
  }

  /// `2021-09-09T00:00:00.171Z`
  package static func time(_ milliseconds: Int64) -> String {
    UploadTime(milliseconds: milliseconds).description
  }

  /// `2h`, `14d`, `1d 3h 20m`, `1.5s`; the first three units that are not zero.
  package static func duration(_ milliseconds: UInt64) -> String {
    if milliseconds < 60_000 { return trimmed(decimal(Double(milliseconds) / 1000, 3)) + "s" }
    let seconds = milliseconds / 1000
    let parts = [
      (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"),
      (seconds % 60, "s"),
    ]
    let shown = parts.filter { $0.0 > 0 }.prefix(3).map { "\($0.0)\($0.1)" }
    return shown.joined(separator: " ")
  }

  /// From one time to another, which may be the ends of time.
  package static func duration(from start: Int64, to end: Int64) -> String {
    start <= end
      ? duration(UInt64(bitPattern: end &- start))
      : "-" + duration(UInt64(bitPattern: start &- end))
  }

  private static func trimmed(_ number: String) -> String {
    var text = number
    while text.hasSuffix("0") { text.removeLast() }
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  /// `raw`, `5m`, `1h`
  package static func resolution(_ milliseconds: Int64) -> String {
    milliseconds == 0 ? "raw" : duration(from: 0, to: milliseconds)
  }

  /// `1 block`, `3 blocks`; with a plural of its own `1 series`, `3 series`.
  package static func plural(_ count: Int, _ noun: String, _ nouns: String? = nil) -> String {
    "\(self.count(count)) \(count == 1 ? noun : nouns ?? noun + "s")"
  }
}
