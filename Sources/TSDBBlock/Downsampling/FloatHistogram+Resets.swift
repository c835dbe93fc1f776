extension FloatHistogram {
  /// Whether the counter began anew between `previous` and this sample.
  func isReset(after previous: FloatHistogram) -> Bool {
    switch hint {
    case .reset: return true
    case .notReset: return false
    case .unknown, .gauge: break
    }
    if count < previous.count { return true }
    guard isCustom == previous.isCustom else { return true }
    if isCustom {
      if customBounds == previous.customBounds {
        return positive.isReset(after: previous.positive)
      }
      let common = Self.commonBounds(customBounds, previous.customBounds)
      return zip(spread(over: common), previous.spread(over: common)).contains { $0 < $1 }
    }
    // Neither a finer schema nor a smaller zero bucket comes without a new start.
    if schema > previous.schema || zeroThreshold < previous.zeroThreshold { return true }
    let (previousZeroCount, threshold) = previous.zeroCount(forThreshold: zeroThreshold)
    if threshold != zeroThreshold || zeroCount < previousZeroCount { return true }
    var previous = previous
    previous.reduce(to: schema)
    let limit = (zeroThreshold, schema)
    return positive.isReset(after: previous.positive, above: limit)
      || negative.isReset(after: previous.negative, above: limit)
  }
}

extension FloatHistogram.Side {
  /// Whether a bucket is smaller than before, or was in use and is gone.
  ///
  /// - Parameter above: the zero threshold, below which buckets do not count.
  fileprivate func isReset(
    after previous: Self, above: (threshold: Double, schema: Int32)? = nil
  ) -> Bool {
    func counts(_ index: Int) -> Bool {
      above.map { ExponentialBounds.upper(index, schema: $0.schema) > $0.threshold } ?? true
    }
    let own = indices
    var position = 0
    for (index, count) in zip(previous.indices, previous.counts) where counts(index) {
      while position < own.count, own[position] < index { position += 1 }
      let now = position < own.count && own[position] == index ? self.counts[position] : nil
      if let now {
        if now < count { return true }
      } else if count != 0 {
        return true
      }
    }
    return false
  }
}
