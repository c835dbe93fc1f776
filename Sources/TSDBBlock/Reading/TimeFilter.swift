/// Which samples of a series are wanted: those within a range of time that are not deleted.
///
///     ·····[━━━━━━━┅┅┅┅━━━━━━━━━┅┅━━━━━]·····       · outside   ┅ deleted   ━ wanted
///
/// Neighbouring samples nearly always share a stretch, so the stretch of the last one is kept and
/// tried first.
struct TimeFilter {
  /// Times that are wanted, both ends inclusive, in milliseconds.
  let range: ClosedRange<Int64>
  /// Deleted times: closed, sorted, disjoint.
  let deletions: [ClosedRange<Int64>]
  private var stretch = Int64.min...Int64.max
  private var isWanted = true

  init(_ range: ClosedRange<Int64>, deletions: [ClosedRange<Int64>] = []) {
    self.range = range
    self.deletions = deletions
    locate(range.lowerBound)
  }

  /// Whether every time is wanted.
  var passesEverything: Bool {
    deletions.isEmpty && range == Int64.min...Int64.max
  }

  /// Whether a chunk may hold a wanted sample, by the times that the index states.
  ///
  /// One whose times make no sense may.
  func wants(_ chunk: ChunkSpan) -> Bool {
    guard chunk.minTime <= chunk.maxTime else { return true }
    guard chunk.maxTime >= range.lowerBound, chunk.minTime <= range.upperBound else {
      return false
    }
    let place = firstDeletion(endingAtOrAfter: chunk.minTime)
    guard place < deletions.count else { return true }
    let deletion = deletions[place]
    return !(deletion.contains(chunk.minTime) && deletion.contains(chunk.maxTime))
  }

  /// - Complexity: O(1) in the stretch of the last time, else O(log deletions).
  @inline(__always)
  mutating func wants(_ time: Int64) -> Bool {
    if !stretch.contains(time) { locate(time) }
    return isWanted
  }

  /// Whether all times from position `first` on are wanted and lie in one stretch, as those of most
  /// chunks do.
  mutating func wantsAll(of times: [Int64], from first: Int) -> Bool {
    guard first < times.count else { return true }
    guard wants(times[first]) else { return false }
    // Unsigned, one comparison is enough for both ends.
    let start = stretch.lowerBound
    let width = UInt64(bitPattern: stretch.upperBound &- start)
    let times = times.span
    var farthest: UInt64 = 0
    for index in first..<times.count {
      farthest = max(farthest, UInt64(bitPattern: times[index] &- start))
    }
    return farthest <= width
  }

  private mutating func locate(_ time: Int64) {
    isWanted = false
    if time < range.lowerBound {
      stretch = Int64.min...range.lowerBound - 1
      return
    }
    if time > range.upperBound {
      stretch = range.upperBound + 1...Int64.max
      return
    }
    let next = firstDeletion(endingAtOrAfter: time)
    if next < deletions.count, deletions[next].lowerBound <= time {
      stretch = deletions[next]
      return
    }
    isWanted = true
    var lower = range.lowerBound
    if next > 0 { lower = max(lower, deletions[next - 1].upperBound + 1) }
    var upper = range.upperBound
    if next < deletions.count { upper = min(upper, deletions[next].lowerBound - 1) }
    stretch = lower...upper
  }

  private func firstDeletion(endingAtOrAfter time: Int64) -> Int {
    var (low, high) = (0, deletions.count)
    while low < high {
      let middle = low + (high - low) / 2
      if deletions[middle].upperBound < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
