extension FloatHistogram {
  /// Adds another histogram, or takes it away.
  ///
  /// Differences are brought to what both can say: the coarser schema, the larger zero threshold,
  /// the common custom bounds.
  ///
  /// - Returns: false, with nothing changed, when one has custom buckets and the other has not.
  mutating func add(_ other: FloatHistogram, sign: Double = 1) -> Bool {
    guard isCustom == other.isCustom else { return false }
    adoptHint(of: other)
    var other = other
    if !isCustom { zeroCount += sign * reconcileZeroBuckets(with: &other) }
    count += sign * other.count
    sum += sign * other.sum
    if isCustom, customBounds != other.customBounds {
      addCustom(other, sign)
      return true
    }
    if other.schema < schema { reduce(to: other.schema) }
    other.reduce(to: schema)
    positive.add(other.positive, sign, above: isCustom ? nil : (zeroThreshold, schema))
    negative.add(other.negative, sign, above: isCustom ? nil : (zeroThreshold, schema))
    return true
  }

  private mutating func adoptHint(of other: FloatHistogram) {
    if hint == other.hint || hint == .gauge { return }
    if other.hint == .gauge {
      hint = .gauge
    } else if hint != .unknown {
      hint = .unknown
    }
  }

  // MARK: Zero bucket

  /// Brings both to one zero threshold and returns the other's zero count at it.
  private mutating func reconcileZeroBuckets(with other: inout FloatHistogram) -> Double {
    var otherCount = other.zeroCount
    var otherThreshold = other.zeroThreshold
    while otherThreshold != zeroThreshold {
      if zeroThreshold > otherThreshold {
        (otherCount, otherThreshold) = other.zeroCount(forThreshold: zeroThreshold)
      }
      if otherThreshold > zeroThreshold {
        (zeroCount, zeroThreshold) = zeroCount(forThreshold: otherThreshold)
        trimZeroBucket()
      }
      // Only numbers can become equal.
      if otherThreshold.isNaN || zeroThreshold.isNaN { break }
    }
    return otherCount
  }

  /// The zero count at a larger threshold, which grows to the end of a bucket in use that it falls
  /// into.
  func zeroCount(forThreshold larger: Double) -> (count: Double, threshold: Double) {
    guard larger != zeroThreshold else { return (zeroCount, larger) }
    var threshold = larger
    let (positiveIndices, negativeIndices) = (positive.indices, negative.indices)
    while true {
      var total = zeroCount
      for (index, count) in zip(positiveIndices, positive.counts) {
        if ExponentialBounds.upper(index - 1, schema: schema) >= threshold { break }
        total += count
        let upper = ExponentialBounds.upper(index, schema: schema)
        if upper > threshold {
          if count != 0 { threshold = upper }
          break
        }
      }
      var isAgain = false
      for (index, count) in zip(negativeIndices, negative.counts) {
        if ExponentialBounds.upper(index - 1, schema: schema) >= threshold { break }
        total += count
        let upper = ExponentialBounds.upper(index, schema: schema)
        if upper > threshold {
          if count != 0 {
            threshold = upper
            // What was said of the positive buckets no longer holds.
            isAgain = true
          }
          break
        }
      }
      if !isAgain { return (total, threshold) }
    }
  }

  /// Removes the buckets below the zero threshold, which the zero count has taken over.
  private mutating func trimZeroBucket() {
    for (position, index) in positive.indices.enumerated() {
      if ExponentialBounds.upper(index - 1, schema: schema) >= zeroThreshold { break }
      positive.counts[position] = 0
    }
    for (position, index) in negative.indices.enumerated() {
      if ExponentialBounds.upper(index - 1, schema: schema) >= zeroThreshold { break }
      negative.counts[position] = 0
    }
    positive = positive.compacted()
    negative = negative.compacted()
  }

  // MARK: Custom bounds

  private mutating func addCustom(_ other: FloatHistogram, _ sign: Double) {
    let common = Self.commonBounds(customBounds, other.customBounds)
    var counts = spread(over: common)
    for (bucket, count) in other.spread(over: common).enumerated() {
      counts[bucket] += sign * count
    }
    positive.counts = counts
    positive.spans = [HistogramLayout.Span(offset: 0, length: UInt32(counts.count))]
    positive = positive.compacted()
    customBounds = common
  }

  /// The custom buckets between fewer bounds; the last one reaches to infinity.
  func spread(over common: [UInt64]) -> [Double] {
    var target = [Double](repeating: 0, count: common.count + 1)
    var place = 0
    for (index, count) in zip(positive.indices, positive.counts) {
      guard customBounds.indices.contains(index) else {
        target[common.count] += count
        continue
      }
      let bound = Double(bitPattern: customBounds[index])
      while place < common.count, Double(bitPattern: common[place]) < bound { place += 1 }
      target[place] += count
    }
    return target
  }

  /// The bounds that both have.
  static func commonBounds(_ left: [UInt64], _ right: [UInt64]) -> [UInt64] {
    var result: [UInt64] = []
    var (l, r) = (0, 0)
    while l < left.count, r < right.count {
      let (a, b) = (Double(bitPattern: left[l]), Double(bitPattern: right[r]))
      if a == b {
        result.append(left[l])
        l += 1
        r += 1
      } else if a < b {
        l += 1
      } else {
        r += 1
      }
    }
    return result
  }
}

extension FloatHistogram.Side {
  /// Adds the buckets of another side. Spans grow at their ends, and a bucket away from all of
  /// them gets a span of its own.
  ///
  /// - Parameter above: the zero threshold, below which the other's buckets are left out.
  fileprivate mutating func add(
    _ other: Self, _ sign: Double, above: (threshold: Double, schema: Int32)?
  ) {
    if spans == other.spans, above.map({ !other.begins(below: $0.threshold, $0.schema) }) ?? true {
      for bucket in counts.indices { counts[bucket] += sign * other.counts[bucket] }
      return
    }
    var isBelow = above != nil
    var runs = BucketRuns(spans)
    for (index, count) in zip(other.indices, other.counts) {
      if isBelow, let above,
        ExponentialBounds.upper(index, schema: above.schema) <= above.threshold
      {
        continue
      }
      isBelow = false
      let (place, isNew) = runs.place(of: index)
      if isNew {
        counts.insert(sign * count, at: place)
      } else {
        counts[place] += sign * count
      }
    }
    spans = runs.spans
  }

  /// Whether the first bucket lies within the zero bucket.
  private func begins(below threshold: Double, _ schema: Int32) -> Bool {
    guard let first = spans.first else { return false }
    return ExponentialBounds.upper(Int(first.offset), schema: schema) <= threshold
  }
}

/// Spans as runs of indices, for inserting buckets in increasing order.
private struct BucketRuns {
  private struct Run {
    var start: Int
    var count: Int
    var end: Int { start + count }
  }

  private var runs: [Run] = []
  private var current = 0
  /// Buckets in the runs before the current one.
  private var before = 0

  init(_ spans: [HistogramLayout.Span]) {
    var bucket = 0
    for span in spans {
      bucket += Int(span.offset)
      runs.append(Run(start: bucket, count: Int(span.length)))
      bucket += Int(span.length)
    }
  }

  /// Where a bucket stands among all, and whether it had to be inserted.
  mutating func place(of index: Int) -> (place: Int, isNew: Bool) {
    while current < runs.count, runs[current].end <= index,
      current + 1 < runs.count, runs[current + 1].start <= index
    {
      before += runs[current].count
      current += 1
    }
    guard current < runs.count else {
      runs.append(Run(start: index, count: 1))
      return (before, true)
    }
    let run = runs[current]
    if index < run.start {
      // Only before the first run.
      if run.start == index + 1 {
        runs[current].start = index
        runs[current].count += 1
      } else {
        runs.insert(Run(start: index, count: 1), at: current)
      }
      return (before, true)
    }
    if index < run.end { return (before + index - run.start, false) }
    let place = before + run.count
    if index == run.end {
      runs[current].count += 1
    } else if current + 1 < runs.count, runs[current + 1].start == index + 1 {
      runs[current + 1].start = index
      runs[current + 1].count += 1
    } else {
      runs.insert(Run(start: index, count: 1), at: current + 1)
    }
    return (place, true)
  }

  var spans: [HistogramLayout.Span] {
    var last = 0
    return runs.map { run in
      defer { last = run.end }
      return HistogramLayout.Span(
        offset: Int32(clamping: run.start - last), length: UInt32(clamping: run.count))
    }
  }
}
