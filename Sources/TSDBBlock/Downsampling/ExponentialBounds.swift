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
    let fraction = fractions[part << (finestSchema - Int(schema))]
    if fraction == 0.5, exponent == 1025 { return .greatestFiniteMagnitude }
    return power(fraction, exponent)
  }

  private static let finestSchema = Int(HistogramLayout.largestSchema)

  /// The bounds of schema 8 in [0.5, 1); those of coarser schemas are among them.
  ///
  /// Prometheus reads them from a table whose last digits are not always those of the nearest
  /// double. Its numbers come out when the bounds of each schema are those of the coarser one, and
  /// between two of them the lower one times the schema's base, where √2 ends a digit too low.
  private static let fractions: [Double] = {
    var coarser = [0.5]
    for schema in 1...finestSchema {
      let base = schema == 1 ? 0x1.6a09e667f3bccp0 : exp2(exp2(-Double(schema)))
      coarser = coarser.flatMap { [$0, $0 * base] }
    }
    return coarser
  }()

  private static func power(_ fraction: Double, _ exponent: Int) -> Double {
    ldexp(fraction, Int32(clamping: exponent))
  }
}
