internal import Glibc

/// The upper bounds of exponential buckets.
enum ExponentialBounds {
  /// The upper bound of bucket `index` on the positive side: base^index, where base is
  /// 2^(2^−schema). The last finite bucket ends at the largest double.
  static func upper(_ index: Int, schema: Int32) -> Double {
    if schema < 0 {
      let (exponent, overflow) = index.multipliedReportingOverflow(by: 1 << Int(-schema))
      guard !overflow else { return index < 0 ? 0 : .infinity }
      return exponent == 1024 ? .greatestFiniteMagnitude : power(1, exponent)
    }
    let steps = 1 << Int(schema)
    let part = index & (steps - 1)
    let exponent = (index >> Int(schema)) + 1
    let fraction = part == 0 ? 0.5 : exp2(Double(part) / Double(steps)) / 2
    if fraction == 0.5, exponent == 1025 { return .greatestFiniteMagnitude }
    return power(fraction, exponent)
  }

  private static func power(_ fraction: Double, _ exponent: Int) -> Double {
    ldexp(fraction, Int32(clamping: exponent))
  }
}
