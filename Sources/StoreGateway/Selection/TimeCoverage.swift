/// The times a set of blocks covers, as few ranges as possible.
enum TimeCoverage {
  /// Joins ranges that overlap or touch. Both ends are joined as they are: a gap of one
  /// millisecond is a gap.
  static func union(of ranges: [(minTime: Int64, maxTime: Int64)]) -> [(
    minTime: Int64, maxTime: Int64
  )] {
    var result: [(minTime: Int64, maxTime: Int64)] = []
    for range in ranges.sorted(by: { ($0.minTime, $0.maxTime) < ($1.minTime, $1.maxTime) }) {
      guard let last = result.last, range.minTime <= last.maxTime else {
        result.append(range)
        continue
      }
      result[result.count - 1].maxTime = max(last.maxTime, range.maxTime)
    }
    return result
  }
}
