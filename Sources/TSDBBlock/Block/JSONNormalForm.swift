extension RawJSON {
  /// What Go makes of a value it reads into `any` and writes again: keys sorted, the last of equal
  /// keys kept, numbers as doubles in their shortest form.
  ///
  /// - Throws: ``BlockError`` for a number beyond the range of a double.
  func normalized(path: String) throws(BlockError) -> RawJSON {
    switch self {
    case .null, .bool, .string: return self
    case .number(let digits):
      guard let value = Double(digits), value.isFinite else {
        throw JSONFields.failure(path, "the number \(digits) is too large")
      }
      return .number(Self.shortestForm(value))
    case .array(let elements):
      var result: [RawJSON] = []
      for element in elements { result.append(try element.normalized(path: path)) }
      return .array(result)
    case .object(let members):
      var values: [[UInt8]: RawJSON] = [:]
      for member in members { values[member.key] = try member.value.normalized(path: path) }
      return .object(
        values.map { Member(key: $0.key, value: $0.value) }
          .sorted { $0.key.lexicographicallyPrecedes($1.key) })
    }
  }

  /// The fewest digits that read back as `value`; an exponent below 1e-6 and from 1e21 on.
  private static func shortestForm(_ value: Double) -> String {
    // Swift prints the same digits, only the exponent is placed by other rules.
    let (digits, exponent) = decimal(value.magnitude)
    let sign = value.sign == .minus ? "-" : ""
    guard exponent >= -6, exponent < 21 else {
      let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
      return sign + digits.prefix(1) + fraction + "e" + (exponent < 0 ? "-" : "+")
        + String(exponent.magnitude)
    }
    if exponent < 0 {
      return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
    }
    guard digits.count > exponent + 1 else {
      return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count)
    }
    return sign + digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
  }

  /// Significant digits d₁d₂… and the exponent of d₁.d₂… × 10ⁿ.
  private static func decimal(_ value: Double) -> (digits: String, exponent: Int) {
    let parts = value.description.split(separator: "e")
    let mantissa = parts[0].split(separator: ".")
    let whole = mantissa[0]
    let digits = whole + (mantissa.count > 1 ? mantissa[1] : "")
    let leadingZeros = digits.prefix { $0 == "0" }.count
    guard leadingZeros < digits.count else { return ("0", 0) }
    let significant = digits.dropFirst(leadingZeros)
    let trailingZeros = significant.reversed().prefix { $0 == "0" }.count
    let written = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    return (
      String(significant.dropLast(trailingZeros)), written + whole.count - 1 - leadingZeros
    )
  }
}
