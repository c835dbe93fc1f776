extension HistogramColumns {
  /// Compares two counts, as unsigned integers or as doubles.
  func isCountLess(_ left: UInt64, than right: UInt64) -> Bool {
    isFloat ? Double(bitPattern: left) < Double(bitPattern: right) : left < right
  }

  /// Compares two buckets, as signed integers or as doubles.
  @inline(__always)
  func isBucketLess(_ left: UInt64, than right: UInt64) -> Bool {
    isFloat
      ? Double(bitPattern: left) < Double(bitPattern: right)
      : Int64(bitPattern: left) < Int64(bitPattern: right)
  }

  /// Appends everything of a sample but its buckets.
  mutating func appendFields(_ source: HistogramColumns, _ index: Int) {
    timestamps.append(source.timestamps[index])
    counts.append(source.counts[index])
    zeroCounts.append(source.zeroCounts[index])
    sums.append(source.sums[index])
    if !source.starts.isEmpty {
      padStarts(to: timestamps.count - 1)
      starts.append(source.starts[index])
    } else if !starts.isEmpty {
      starts.append(0)
    }
  }

  /// Appends a stale marker, which has the time of `source` and no contents.
  mutating func appendStale(_ source: HistogramColumns, _ index: Int) {
    appendFields(source, index)
    counts[counts.count - 1] = 0
    zeroCounts[zeroCounts.count - 1] = 0
    buckets.append(contentsOf: repeatElement(0, count: bucketCount))
  }

  /// Gives samples that were appended without a start the unknown one.
  private mutating func padStarts(to count: Int) {
    guard starts.count < count else { return }
    starts.append(contentsOf: repeatElement(0, count: count - starts.count))
  }

  /// Appends buckets at their places among `width` of a row.
  mutating func appendBuckets(_ values: ArraySlice<UInt64>, at places: [Int], of width: Int) {
    let start = buckets.count
    buckets.append(contentsOf: repeatElement(0, count: width))
    for (place, value) in zip(places, values) { buckets[start + place] = value }
  }

  /// Moves the buckets of all samples to their places in a union. The caller sets the layout.
  mutating func widen(positive: BucketUnion, negative: BucketUnion) {
    let old = buckets
    let (oldPositive, oldWidth) = (positive.oldPlaces.count, bucketCount)
    buckets.removeAll(keepingCapacity: true)
    buckets.reserveCapacity(count * (positive.indices.count + negative.indices.count))
    for sample in 0..<count {
      let row = old[sample * oldWidth..<(sample + 1) * oldWidth]
      appendBuckets(row.prefix(oldPositive), at: positive.oldPlaces, of: positive.indices.count)
      appendBuckets(
        row.dropFirst(oldPositive), at: negative.oldPlaces, of: negative.indices.count)
    }
  }
}

extension HistogramLayout {
  func hasSameThreshold(as other: HistogramLayout) -> Bool {
    Double(bitPattern: zeroThreshold) == Double(bitPattern: other.zeroThreshold)
  }

  /// Whether custom bounds, where the schema has them, are the same.
  func hasSameBounds(as other: HistogramLayout) -> Bool {
    schema != Self.customSchema || customBounds == other.customBounds
  }

  /// Whether buckets of the same index mean the same.
  func hasSameScale(as other: HistogramLayout) -> Bool {
    schema == other.schema && hasSameThreshold(as: other) && hasSameBounds(as: other)
  }
}
