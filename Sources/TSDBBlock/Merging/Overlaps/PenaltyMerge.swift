/// Thanos' penalty deduplication of overlapping chunks.
///
///     a  15 30 45 60 …                  follow the side that was taken last; the other may take
///     b    17 32 47 …                   over only with a sample later than twice the last interval
///
/// Chunks are folded one by one: the result so far is side `a`, the next chunk side `b`. At first
/// the interval is unknown and the penalty five seconds. Source: `pkg/dedup/iter.go` of Thanos.
struct PenaltyMerge {
  private static let initialPenalty: Int64 = 5000

  private var times: [Int64] = []
  /// Places of the samples in the result.
  private var picks: [Int] = []
  /// Largest distance in the result, and whether its times increase.
  private var largestDelta: Int64 = 0
  private var isIncreasing = true

  /// Replaces `output` by the places of the samples to keep.
  ///
  /// - Parameters:
  ///   - times: of all samples, chunk by chunk; the first chunk is the base.
  ///   - bounds: where each chunk's samples lie.
  mutating func pick(_ times: [Int64], _ bounds: [Range<Int>], into output: inout [Int]) {
    output.removeAll(keepingCapacity: true)
    guard let base = bounds.first else { return }
    self.times = Array(times[base])
    picks = Array(base)
    largestDelta = 0
    isIncreasing = true
    noteDeltas(from: 1)
    for bound in bounds.dropFirst() { fold(times[bound]) }
    output += picks
  }

  private mutating func noteDeltas(from start: Int) {
    guard start < times.count else { return }
    for index in max(start, 1)..<times.count {
      let (delta, overflow) = times[index].subtractingReportingOverflow(times[index - 1])
      if overflow || delta <= 0 { isIncreasing = false }
      largestDelta = max(largestDelta, delta)
    }
  }

  private mutating func fold(_ b: ArraySlice<Int64>) {
    let prefix = untouchedCount(before: b)
    let a = Array(times[prefix...])
    let aPicks = Array(picks[prefix...])
    var penaltyA: Int64 = 0
    var penaltyB: Int64 = 0
    var last: Int64?
    if prefix > 0 {
      last = times[prefix - 1]
      penaltyB = 2 &* (times[prefix - 1] &- times[prefix - 2])
    }
    times.removeSubrange(prefix...)
    picks.removeSubrange(prefix...)
    var (i, j) = (0, b.startIndex)
    while true {
      if let last {
        while i < a.count, a[i] < last &+ 1 &+ penaltyA { i += 1 }
        while j < b.endIndex, b[j] < last &+ 1 &+ penaltyB { j += 1 }
      }
      guard i < a.count || j < b.endIndex else { break }
      if j == b.endIndex {
        penaltyA = 0
        last = a[i]
        times.append(a[i])
        picks.append(aPicks[i])
      } else if i == a.count {
        penaltyB = 0
        last = b[j]
        times.append(b[j])
        picks.append(j)
      } else if a[i] <= b[j] {
        penaltyB = last.map { 2 &* (a[i] &- $0) } ?? Self.initialPenalty
        penaltyA = 0
        last = a[i]
        times.append(a[i])
        picks.append(aPicks[i])
      } else {
        penaltyA = last.map { 2 &* (b[j] &- $0) } ?? Self.initialPenalty
        penaltyB = 0
        last = b[j]
        times.append(b[j])
        picks.append(j)
      }
    }
    noteDeltas(from: prefix)
  }

  /// How many samples of the result surely stay whatever `b` brings, so that a long overlap is not
  /// gone through again for each of its chunks: those that come before `b` by more than any
  /// penalty. 0 or at least 2.
  private func untouchedCount(before b: ArraySlice<Int64>) -> Int {
    guard isIncreasing, let first = b.first else { return 0 }
    let penalty = max(2 &* largestDelta, Self.initialPenalty)
    let (limit, overflow) = first.subtractingReportingOverflow(penalty &+ 1)
    guard !overflow, penalty >= 0 else { return 0 }
    var low = 0
    var high = times.count
    while low < high {
      let middle = (low + high) / 2
      if times[middle] < limit { low = middle + 1 } else { high = middle }
    }
    return low < 2 ? 0 : low
  }
}
