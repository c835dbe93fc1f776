/// `key=value` pairs between spaces, values quoted where a reader needs it.
func logfmtLine(_ fields: [(key: String, value: String)]) -> String {
  fields.map { "\(logfmtKey($0.key))=\(logfmtValue($0.value))" }.joined(separator: " ") + "\n"
}

/// One JSON object of strings.
func jsonLine(_ fields: [(key: String, value: String)]) -> String {
  let members = fields.map { "\(quoted($0.key)):\(quoted($0.value))" }
  return "{" + members.joined(separator: ",") + "}\n"
}

private func logfmtKey(_ key: String) -> String {
  let kept = key.unicodeScalars.map { needsQuotes($0) ? "_" : Character($0) }
  return kept.isEmpty ? "_" : String(kept)
}

private func logfmtValue(_ value: String) -> String {
  value.unicodeScalars.contains(where: needsQuotes) ? quoted(value) : value
}

private func needsQuotes(_ scalar: Unicode.Scalar) -> Bool {
  scalar.value <= 0x20 || scalar == "=" || scalar == "\"" || isControl(scalar)
    || scalar == "\u{FFFD}"
}

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  // C0, DEL, C1, and the two Unicode line separators that some log viewers break lines at.
  scalar.value < 0x20 || 0x7F...0x9F ~= scalar.value || 0x2028...0x2029 ~= scalar.value
}

/// A JSON string, which is also how logfmt quotes.
private func quoted(_ text: String) -> String {
  var quoted = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": quoted += "\\\""
    case "\\": quoted += "\\\\"
    case "\n": quoted += "\\n"
    case "\r": quoted += "\\r"
    case "\t": quoted += "\\t"
    case _ where isControl(scalar):
      let digits = String(scalar.value, radix: 16)
      quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: quoted.unicodeScalars.append(scalar)
    }
  }
  return quoted + "\""
}
