extension ChunkColumns {
  /// Removes the samples within closed ranges of time.
  mutating func remove(_ ranges: [ClosedRange<Int64>]) {
    keep { time in !ranges.contains { $0.contains(time) } }
  }

  /// Removes, in place, the samples whose times are not wanted.
  mutating func keep(where isWanted: (Int64) -> Bool) {
    if kind == .floats { floats.keep(where: isWanted) } else { histograms.keep(where: isWanted) }
  }
}

extension SampleColumns {
  /// Removes, in place, the samples from position `first` on whose times are not wanted.
  mutating func keep(from first: Int = 0, where isWanted: (Int64) -> Bool) {
    guard
      let start = timestamps.firstIndex(from: first, where: { !isWanted($0) })
    else { return }
    let hasStarts = !starts.isEmpty
    var kept = start
    for index in start + 1..<timestamps.count where isWanted(timestamps[index]) {
      timestamps[kept] = timestamps[index]
      values[kept] = values[index]
      if hasStarts { starts[kept] = starts[index] }
      kept += 1
    }
    timestamps.removeSubrange(kept...)
    values.removeSubrange(kept...)
    if hasStarts { starts.removeSubrange(kept...) }
  }
}

extension HistogramColumns {
  /// Removes, in place, the samples whose times are not wanted.
  fileprivate mutating func keep(where isWanted: (Int64) -> Bool) {
    guard let start = timestamps.firstIndex(from: 0, where: { !isWanted($0) }) else { return }
    let width = bucketCount
    let hasStarts = !starts.isEmpty
    var kept = start
    for index in start + 1..<count where isWanted(timestamps[index]) {
      timestamps[kept] = timestamps[index]
      counts[kept] = counts[index]
      zeroCounts[kept] = zeroCounts[index]
      sums[kept] = sums[index]
      if hasStarts { starts[kept] = starts[index] }
      for bucket in 0..<width {
        buckets[kept * width + bucket] = buckets[index * width + bucket]
      }
      kept += 1
    }
    timestamps.removeSubrange(kept...)
    counts.removeSubrange(kept...)
    zeroCounts.removeSubrange(kept...)
    sums.removeSubrange(kept...)
    if hasStarts { starts.removeSubrange(kept...) }
    buckets.removeSubrange((kept * width)...)
  }
}

extension [Int64] {
  fileprivate func firstIndex(from first: Int, where isFound: (Int64) -> Bool) -> Int? {
    let span = span
    for index in first..<span.count where isFound(span[index]) { return index }
    return nil
  }
}
