/// The values that a bucket of a native histogram counts.
public struct HistogramBucketRange: Equatable, Sendable {
  /// The lower bound.
  public var lower: Double
  /// The upper bound.
  public var upper: Double
  /// Whether a value equal to the lower bound belongs to the bucket.
  public var includesLower: Bool
  /// Whether a value equal to the upper bound belongs to the bucket.
  public var includesUpper: Bool

  /// A bucket from `lower` to `upper`.
  public init(lower: Double, upper: Double, includesLower: Bool, includesUpper: Bool) {
    self.lower = lower
    self.upper = upper
    self.includesLower = includesLower
    self.includesUpper = includesUpper
  }
}

extension HistogramLayout {
  /// What each bucket of positive values counts, in the order of the spans.
  ///
  /// Source: `baseBucketIterator.at` and `getBound` in `model/histogram/generic.go` of Prometheus.
  /// Where custom bounds are too few, which Prometheus does not survive, buckets reach to infinity.
  public var positiveRanges: [HistogramBucketRange] {
    Self.indices(of: positiveSpans).map { index in
      range(lower: bound(index - 1), upper: bound(index), isFirst: index == 0)
    }
  }

  /// What each bucket of negative values counts, in the order of the spans: away from zero.
  public var negativeRanges: [HistogramBucketRange] {
    Self.indices(of: negativeSpans).map { index in
      range(lower: -bound(index), upper: -bound(index - 1), isFirst: index == 0)
    }
  }

  /// What the zero bucket counts.
  public var zeroRange: HistogramBucketRange {
    let threshold = Double(bitPattern: zeroThreshold)
    return HistogramBucketRange(
      lower: -threshold, upper: threshold, includesLower: true, includesUpper: true)
  }

  private static func indices(of spans: [Span]) -> [Int] {
    var indices: [Int] = []
    spans.appendIndices(to: &indices)
    return indices
  }

  private func range(lower: Double, upper: Double, isFirst: Bool) -> HistogramBucketRange {
    let isCustom = schema == Self.customSchema
    return HistogramBucketRange(
      lower: lower, upper: upper, includesLower: isCustom ? isFirst : lower < 0,
      includesUpper: isCustom || upper > 0)
  }

  /// The upper bound of a bucket on the positive side.
  private func bound(_ index: Int) -> Double {
    guard schema == Self.customSchema else {
      return ExponentialBounds.upper(index, schema: schema)
    }
    if index < 0 { return -.infinity }
    return index < customBounds.count ? Double(bitPattern: customBounds[index]) : .infinity
  }
}
