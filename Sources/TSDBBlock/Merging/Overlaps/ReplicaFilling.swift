/// One pass over a followed replica that fills its holes from another, see ``LosslessMerge``.
struct ReplicaFilling: ~Escapable {
  private let followed: ReplicaSamples
  private let other: ReplicaSamples
  /// First sample of the other that no hole has come to yet.
  private var next = 0
  /// First live sample of the other at or behind the last marker looked at.
  private var live = 0
  private var holeIntervals: IntervalCursor
  private var markerIntervals: IntervalCursor

  @_lifetime(copy followed, copy other, copy intervals)
  init(_ followed: ReplicaSamples, _ other: ReplicaSamples, _ intervals: IntervalCursor) {
    self.followed = followed
    self.other = other
    holeIntervals = intervals
    markerIntervals = intervals
  }

  /// Appends the places of the samples to keep.
  ///
  /// - Precondition: the times of both increase.
  mutating func run(into output: inout [Int]) {
    var last: Int?
    for index in 0..<followed.count {
      if followed.isStale(index), isFalseMarker(index) { continue }
      fill(last, index, &output)
      output.append(followed.place(index))
      last = index
    }
    fill(last, nil, &output)
  }

  @inline(__always)
  private static func distance(_ from: Int64, _ to: Int64) -> UInt64 {
    UInt64(bitPattern: to &- from)
  }

  private mutating func isFalseMarker(_ index: Int) -> Bool {
    let time = followed.time(index)
    while live < other.count, other.time(live) < time || other.isStale(live) { live += 1 }
    guard live < other.count else { return false }
    return Self.distance(time, other.time(live)) <= markerIntervals.interval(at: time)
  }

  // MARK: Holes

  /// Appends what the other has between two samples of the followed, in front of the first one or
  /// behind the last one, if it is a hole.
  @inline(__always)
  private mutating func fill(_ last: Int?, _ index: Int?, _ output: inout [Int]) {
    guard let last, let index else { return fillHole(last, index, 0, &output) }
    let time = followed.time(last)
    let interval = holeIntervals.interval(at: time)
    if Self.distance(time, followed.time(index))
      > ScrapeIntervals.longestDistance(without: interval)
    {
      fillHole(last, index, interval, &output)
    }
  }

  private mutating func fillHole(
    _ last: Int?, _ index: Int?, _ interval: UInt64, _ output: inout [Int]
  ) {
    if let last {
      let time = followed.time(last)
      while next < other.count, other.time(next) <= time { next += 1 }
    }
    guard next < other.count else { return }
    var interval = interval
    if last == nil || index == nil {
      interval = holeIntervals.interval(at: followed.time(last ?? index ?? 0))
      guard reachesBeyond(last, index, interval) else { return }
    }
    var end = other.count
    if let index {
      let time = followed.time(index)
      end = next
      while end < other.count, other.time(end) < time { end += 1 }
    }
    let start = next
    next = end
    guard start < end else { return }
    var taken = farEnough(start..<end, last, index, interval)
    let edge = CounterEdges(followed, other)
    taken = edge.trimFront(of: taken, after: last, before: index)
    taken = edge.trimBack(of: taken, after: last, before: index)
    append(taken, before: index, interval, &output)
  }

  /// Whether the other has more than the followed in front of its first or behind its last sample.
  private func reachesBeyond(_ last: Int?, _ index: Int?, _ interval: UInt64) -> Bool {
    // At the same end of a block the one replica's last scrape is up to an interval later.
    let reach =
      last.map { Self.distance(followed.time($0), other.time(other.count - 1)) }
      ?? index.map { Self.distance(other.time(next), followed.time($0)) } ?? .max
    return reach > interval && reach - interval > interval / 4
  }

  /// Those of the other's samples in a hole that keep off the samples around it.
  private func farEnough(
    _ range: Range<Int>, _ last: Int?, _ index: Int?, _ interval: UInt64
  ) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    let (half, quarter) = (interval / 2, interval / 4)
    if let last {
      let time = followed.time(last)
      while start < end, Self.distance(time, other.time(start)) < half { start += 1 }
    }
    if let index {
      let time = followed.time(index)
      while end > start, Self.distance(other.time(end - 1), time) < half { end -= 1 }
    }
    func isHole(_ from: Int64, _ to: Int64) -> Bool {
      Self.distance(from, to) > ScrapeIntervals.longestDistance(without: interval)
    }
    func isBridged(_ index: Int) -> Bool {
      index > 0 && index < other.count && !isHole(other.time(index - 1), other.time(index))
    }
    if let last, start > range.lowerBound, isBridged(start) {
      let time = followed.time(last)
      let following = start < end ? other.time(start) : index.map { followed.time($0) }
      if let following, isHole(time, following),
        Self.distance(time, other.time(start - 1)) >= quarter
      {
        start -= 1
      }
    }
    if let index, end < range.upperBound, isBridged(end) {
      let time = followed.time(index)
      let preceding = start < end ? other.time(end - 1) : last.map { followed.time($0) }
      if let preceding, isHole(preceding, time), Self.distance(other.time(end), time) >= quarter {
        end += 1
      }
    }
    return start..<end
  }

  private func append(
    _ range: Range<Int>, before index: Int?, _ interval: UInt64, _ output: inout [Int]
  ) {
    for taken in range {
      if other.isStale(taken) {
        if let last = output.last, other.isStale(place: last) { continue }
        if let index, !followed.isStale(index),
          Self.distance(other.time(taken), followed.time(index)) <= interval
        {
          continue
        }
      }
      output.append(other.place(taken))
    }
  }
}
