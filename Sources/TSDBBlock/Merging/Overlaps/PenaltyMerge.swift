/// Thanos' penalty deduplication of overlapping chunks.
///
///     a  15 30 45 60 …                  follow the side that was taken last; the other may take
///     b    17 32 47 …                   over only with a sample later than twice the last interval
///
/// Chunks are folded one by one: the result so far is side `a`, the next chunk side `b`. At first
/// the interval is unknown and the penalty five seconds. Source: `pkg/dedup/iter.go` of Thanos.
struct PenaltyMerge {
  private var result: [Int] = []
  private var tail: [Int] = []

  /// Replaces `output` by the places of the samples to keep.
  ///
  /// - Parameters:
  ///   - times: of all samples, chunk by chunk.
  ///   - bounds: where each chunk's samples lie; the first chunk is the base.
  mutating func pick(_ times: [Int64], _ bounds: [Range<Int>], into output: inout [Int]) {
    let count = bounds.reduce(0) { $0 + $1.count }
    if result.count < count {
      result = Array(repeating: 0, count: count)
      tail = result
    }
    // Two spans of one value's fields would count as one access to it.
    var (result, tail): ([Int], [Int]) = ([], [])
    swap(&result, &self.result)
    swap(&tail, &self.tail)
    var filled = 0
    do {
      // Spans ask for no uniqueness at each access, as arrays do.
      var fold = PenaltyFold(times.span, result.mutableSpan, tail.mutableSpan)
      for (number, bound) in bounds.enumerated() {
        if number == 0 { fold.begin(bound) } else { fold.add(bound) }
      }
      filled = fold.count
    }
    output.removeAll(keepingCapacity: true)
    output += result[..<filled]
    swap(&result, &self.result)
    swap(&tail, &self.tail)
  }
}

/// A result under construction.
///
///     result   ├── untouched ──┼── side a ──┤ room │
///     tail                     a copy of side a, from which the end of the result is written anew
private struct PenaltyFold: ~Copyable, ~Escapable {
  private static let initialPenalty: Int64 = 5000

  private let times: Span<Int64>
  /// Places of the samples in the result.
  private var result: MutableSpan<Int>
  private var tail: MutableSpan<Int>
  private(set) var count = 0
  /// Largest distance in the result, and whether its times increase.
  private var largestDelta: Int64 = 0
  private var isIncreasing = true

  /// - Parameters:
  ///   - result: room for the places of all chunks.
  ///   - tail: likewise.
  @_lifetime(copy times, copy result, copy tail)
  init(
    _ times: Span<Int64>, _ result: consuming MutableSpan<Int>, _ tail: consuming MutableSpan<Int>
  ) {
    self.times = times
    self.result = result
    self.tail = tail
  }

  @_lifetime(self: copy self)
  mutating func begin(_ base: Range<Int>) {
    for place in base {
      result[count] = place
      count &+= 1
      if place > base.lowerBound { note(from: times[place - 1], to: times[place]) }
    }
  }

  @_lifetime(self: copy self)
  mutating func add(_ b: Range<Int>) {
    let prefix = untouchedCount(before: b)
    let tailCount = count - prefix
    for index in 0..<tailCount { tail[index] = result[prefix &+ index] }
    count = prefix
    var last: Int64?
    // The earliest time that a sample of each side may have.
    var (limitA, limitB) = (Int64.min, Int64.min)
    if prefix > 0 {
      let (time, before) = (times[result[prefix - 1]], times[result[prefix - 2]])
      last = time
      limitA = time &+ 1
      limitB = time &+ 1 &+ 2 &* (time &- before)
    }
    var (i, j) = (0, b.lowerBound)
    while true {
      while i < tailCount, times[tail[i]] < limitA { i &+= 1 }
      while j < b.upperBound, times[j] < limitB { j &+= 1 }
      guard i < tailCount, j < b.upperBound else { break }
      let (timeA, timeB) = (times[tail[i]], times[j])
      if timeA <= timeB {
        let penalty = last.map { 2 &* (timeA &- $0) } ?? Self.initialPenalty
        append(tail[i], timeA, &last)
        limitA = timeA &+ 1
        limitB = timeA &+ 1 &+ penalty
        i &+= 1
      } else {
        let penalty = last.map { 2 &* (timeB &- $0) } ?? Self.initialPenalty
        append(j, timeB, &last)
        limitB = timeB &+ 1
        limitA = timeB &+ 1 &+ penalty
        j &+= 1
      }
    }
    // At most one side is left, whose samples need only increase.
    while i < tailCount {
      let time = times[tail[i]]
      if time >= limitA {
        append(tail[i], time, &last)
        limitA = time &+ 1
      }
      i &+= 1
    }
    while j < b.upperBound {
      let time = times[j]
      if time >= limitB {
        append(j, time, &last)
        limitB = time &+ 1
      }
      j &+= 1
    }
  }

  @inline(__always)
  @_lifetime(self: copy self)
  private mutating func append(_ place: Int, _ time: Int64, _ last: inout Int64?) {
    if let last { note(from: last, to: time) }
    last = time
    result[count] = place
    count &+= 1
  }

  @inline(__always)
  @_lifetime(self: copy self)
  private mutating func note(from last: Int64, to time: Int64) {
    let (delta, overflow) = time.subtractingReportingOverflow(last)
    if overflow || delta <= 0 { isIncreasing = false }
    largestDelta = max(largestDelta, delta)
  }

  /// How many samples of the result surely stay whatever `b` brings, so that a long overlap is not
  /// gone through again for each of its chunks: those that come before `b` by more than any
  /// penalty. 0 or at least 2.
  private func untouchedCount(before b: Range<Int>) -> Int {
    guard isIncreasing, !b.isEmpty else { return 0 }
    let penalty = max(2 &* largestDelta, Self.initialPenalty)
    let (limit, overflow) = times[b.lowerBound].subtractingReportingOverflow(penalty &+ 1)
    guard !overflow, penalty >= 0 else { return 0 }
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if times[result[middle]] < limit { low = middle + 1 } else { high = middle }
    }
    return low < 2 ? 0 : low
  }
}
