internal import TSDBBlock

/// Native histograms as `promtool tsdb dump` prints them:
///
///     {count:21, sum:36.5, [-2,-1):3, [-0.001,0.001]:1, (1,2]:17}
///
/// Buckets in the order of their values, empty ones left out.
struct HistogramPromText {
  private let columns: HistogramColumns
  private let negative: [String]
  private let zero: String
  private let positive: [String]

  /// The text of the bounds is made once for all samples of a chunk.
  init(_ columns: HistogramColumns) {
    self.columns = columns
    negative = columns.layout.negativeRanges.map(Self.text)
    zero = Self.text(columns.layout.zeroRange)
    positive = columns.layout.positiveRanges.map(Self.text)
  }

  func text(at index: Int) -> String {
    let (positiveCounts, negativeCounts) = columns.buckets(at: index)
    var parts = [
      "count:" + PromText.count(columns.counts[index], columns),
      "sum:" + PromText.float(columns.sums[index]),
    ]
    for (range, count) in zip(negative, negativeCounts).reversed() where !isZero(count) {
      parts.append(range + ":" + PromText.bucket(count, columns))
    }
    let zeroCount = columns.zeroCounts[index]
    if !isZero(zeroCount) { parts.append(zero + ":" + PromText.count(zeroCount, columns)) }
    for (range, count) in zip(positive, positiveCounts) where !isZero(count) {
      parts.append(range + ":" + PromText.bucket(count, columns))
    }
    return "{" + parts.joined(separator: ", ") + "}"
  }

  private func isZero(_ count: UInt64) -> Bool {
    columns.isFloat ? Double(bitPattern: count) == 0 : count == 0
  }

  private static func text(_ range: HistogramBucketRange) -> String {
    (range.includesLower ? "[" : "(") + PromText.float(range.lower.bitPattern) + ","
      + PromText.float(range.upper.bitPattern) + (range.includesUpper ? "]" : ")")
  }
}

extension PromText {
  /// A count of all observations, or of those in the zero bucket.
  static func count(_ bits: UInt64, _ columns: HistogramColumns) -> String {
    columns.isFloat ? float(bits) : String(bits)
  }

  /// A count of a bucket, which damage can make negative.
  static func bucket(_ bits: UInt64, _ columns: HistogramColumns) -> String {
    columns.isFloat ? float(bits) : String(Int64(bitPattern: bits))
  }
}
