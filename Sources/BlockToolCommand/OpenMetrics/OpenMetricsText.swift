internal import TSDBBlock

/// Samples as OpenMetrics text writes them.
enum OpenMetricsText {
  /// `up{job="api"}`, or `{"my.metric","label.x"="v"}` where a name has other characters.
  static func series(_ labels: LabelSet) -> String {
    var name: [UInt8] = []
    var parts: [String] = []
    for (label, value) in labels.pairs {
      if label == Array("__name__".utf8) {
        name = value
      } else {
        parts.append(LabelText.name(label) + "=" + quoted(value))
      }
    }
    let isBare = isMetricName(name)
    if !isBare && !name.isEmpty { parts.insert(quoted(name), at: 0) }
    let braces = parts.isEmpty && isBare ? "" : "{" + parts.joined(separator: ",") + "}"
    return (isBare ? String(decoding: name, as: UTF8.self) : "") + braces
  }

  /// Unix seconds with as many decimals as the milliseconds need.
  static func seconds(_ milliseconds: Int64) -> String {
    let whole = milliseconds.magnitude / 1000
    let rest = milliseconds.magnitude % 1000
    let sign = milliseconds < 0 ? "-" : ""
    guard rest > 0 else { return sign + "\(whole)" }
    let digits = String(rest)
    var fraction = String(repeating: "0", count: 3 - digits.count) + digits
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return sign + "\(whole).\(fraction)"
  }

  /// Only quote, backslash and line feed are escaped; other bytes stand as they are.
  private static func quoted(_ value: [UInt8]) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    for byte in value {
      switch byte {
      case UInt8(ascii: "\""): bytes += Array("\\\"".utf8)
      case UInt8(ascii: "\\"): bytes += Array("\\\\".utf8)
      case UInt8(ascii: "\n"): bytes += Array("\\n".utf8)
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes + [UInt8(ascii: "\"")], as: UTF8.self)
  }

  /// `[a-zA-Z_:][a-zA-Z0-9_:]*`
  static func isMetricName(_ name: [UInt8]) -> Bool {
    LabelText.isLegacyName(name.map { $0 == UInt8(ascii: ":") ? UInt8(ascii: "_") : $0 })
  }
}
