extension HistogramColumns {
  /// Brings a reserved schema (9 to 52) to the finest one in use, as every reader does.
  mutating func reduceReservedSchema() {
    guard layout.schema > HistogramLayout.largestSchema else { return }
    let shift = layout.schema - HistogramLayout.largestSchema
    let positive = BucketReduction(layout.positiveSpans, shift: shift)
    let negative = BucketReduction(layout.negativeSpans, shift: shift)
    var reduced: [UInt64] = []
    reduced.reserveCapacity(count * (positive.targetCount + negative.targetCount))
    for index in 0..<count {
      let (positiveBuckets, negativeBuckets) = buckets(at: index)
      positive.append(positiveBuckets, isFloat: isFloat, to: &reduced)
      negative.append(negativeBuckets, isFloat: isFloat, to: &reduced)
    }
    layout.schema = HistogramLayout.largestSchema
    layout.positiveSpans = positive.spans
    layout.negativeSpans = negative.spans
    buckets = reduced
  }
}

/// Which coarser bucket each bucket of a side falls into.
private struct BucketReduction {
  private(set) var spans: [HistogramLayout.Span] = []
  private(set) var targetCount = 0
  /// For each bucket, its position among the coarser ones.
  private var targets: [Int] = []

  init(_ fine: [HistogramLayout.Span], shift: Int32) {
    var bucket = 0
    var lastTarget: Int?
    for span in fine {
      bucket += Int(span.offset)
      for _ in 0..<span.length {
        // Bucket i reaches up to base^i, so the coarser one is found from its upper bound.
        let target = ((bucket - 1) >> Int(shift)) + 1
        if target != lastTarget {
          append(target, after: lastTarget)
          lastTarget = target
        }
        targets.append(targetCount - 1)
        bucket += 1
      }
    }
  }

  private mutating func append(_ target: Int, after last: Int?) {
    targetCount += 1
    if let last, target == last + 1, !spans.isEmpty {
      spans[spans.count - 1].length += 1
    } else {
      let offset = last.map { target - $0 - 1 } ?? target
      spans.append(HistogramLayout.Span(offset: Int32(clamping: offset), length: 1))
    }
  }

  func append(_ buckets: ArraySlice<UInt64>, isFloat: Bool, to output: inout [UInt64]) {
    let start = output.count
    output.append(contentsOf: repeatElement(0, count: targetCount))
    for (target, bucket) in zip(targets, buckets) {
      let sum = output[start + target]
      output[start + target] =
        isFloat
        ? (Double(bitPattern: sum) + Double(bitPattern: bucket)).bitPattern : sum &+ bucket
    }
  }
}
