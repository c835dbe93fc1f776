/// A native histogram with float counts, for arithmetic.
///
/// What a sample of ``HistogramColumns`` holds, taken out of its columns. Source of the rules:
/// `model/histogram/float_histogram.go` of Prometheus.
struct FloatHistogram {
  /// The buckets on one side of zero.
  struct Side: Equatable {
    var spans: [HistogramLayout.Span] = []
    var counts: [Double] = []
  }

  var schema: Int32 = 0
  var zeroThreshold = 0.0
  var zeroCount = 0.0
  var count = 0.0
  var sum = 0.0
  var positive = Side()
  var negative = Side()
  /// Bits of the upper bounds with ``HistogramLayout/customSchema``.
  var customBounds: [UInt64] = []
  var hint = CounterResetHint.unknown

  var isCustom: Bool { schema == HistogramLayout.customSchema }

  init() {}

  /// The sample at `index`; integers become doubles.
  init(_ columns: HistogramColumns, at index: Int) {
    let layout = columns.layout
    schema = layout.schema
    zeroThreshold = Double(bitPattern: layout.zeroThreshold)
    customBounds = layout.customBounds
    hint = columns.hint(at: index)
    sum = Double(bitPattern: columns.sums[index])
    let (positiveBuckets, negativeBuckets) = columns.buckets(at: index)
    positive.spans = layout.positiveSpans
    negative.spans = layout.negativeSpans
    if columns.isFloat {
      zeroCount = Double(bitPattern: columns.zeroCounts[index])
      count = Double(bitPattern: columns.counts[index])
      positive.counts = positiveBuckets.map { Double(bitPattern: $0) }
      negative.counts = negativeBuckets.map { Double(bitPattern: $0) }
    } else {
      zeroCount = Double(columns.zeroCounts[index])
      count = Double(columns.counts[index])
      positive.counts = positiveBuckets.map { Double(Int64(bitPattern: $0)) }
      negative.counts = negativeBuckets.map { Double(Int64(bitPattern: $0)) }
    }
  }

  /// As columns of one sample.
  func columns(at time: Int64) -> HistogramColumns {
    var columns = HistogramColumns()
    columns.isFloat = true
    columns.layout.schema = schema
    columns.layout.zeroThreshold = zeroThreshold.bitPattern
    columns.layout.positiveSpans = positive.spans
    columns.layout.negativeSpans = negative.spans
    columns.layout.customBounds = customBounds
    columns.timestamps = [time]
    columns.counts = [count.bitPattern]
    columns.zeroCounts = [zeroCount.bitPattern]
    columns.sums = [sum.bitPattern]
    columns.buckets = (positive.counts + negative.counts).map(\.bitPattern)
    return columns
  }

  /// Brings the buckets to a coarser schema.
  mutating func reduce(to target: Int32) {
    guard target < schema else { return }
    let shift = schema - target
    positive = positive.reduced(by: shift)
    negative = negative.reduced(by: shift)
    schema = target
  }
}

extension FloatHistogram.Side {
  /// The index of each bucket.
  var indices: [Int] {
    var indices: [Int] = []
    indices.reserveCapacity(counts.count)
    spans.appendIndices(to: &indices)
    return indices
  }

  /// With every 2^shift neighbours as one bucket.
  func reduced(by shift: Int32) -> Self {
    var result = FloatHistogram.Side()
    var targets: [Int] = []
    for (index, count) in zip(indices, counts) {
      // Bucket i reaches up to base^i, so the coarser one is found from its upper bound.
      let target = ((index - 1) >> Int(shift)) + 1
      if targets.last == target {
        result.counts[targets.count - 1] += count
      } else {
        targets.append(target)
        result.counts.append(count)
      }
    }
    result.spans = [HistogramLayout.Span](indices: targets)
    return result
  }

  /// Without empty buckets at the ends of spans, and with gaps for those inside.
  func compacted() -> Self {
    var result = FloatHistogram.Side()
    var kept: [Int] = []
    for (index, count) in zip(indices, counts) where count != 0 {
      kept.append(index)
      result.counts.append(count)
    }
    result.spans = [HistogramLayout.Span](indices: kept)
    return result
  }
}
