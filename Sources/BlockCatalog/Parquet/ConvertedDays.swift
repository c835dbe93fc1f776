internal import TSDBBlock

/// Which converted blocks can be done without.
///
/// A converter cuts its output at the borders of UTC days, and its input need not end there. So a
/// block may only go when, for every day it touches, the blocks that were converted and are still
/// there cover the whole day. Two cover what lies between them when one begins no later than a
/// millisecond after the other ends.
///
///     day      │         1         │         2         │
///     blocks   ├──A──┤├────B────┤├─────C─────┤             A may go; B and C touch day 2, which
///                                                          nobody covers
struct ConvertedDays {
  private static let day: Int64 = 86_400_000

  /// Those of `blocks` that may go. Costs a sort.
  static func dispensable(_ blocks: [BlockMeta]) -> Set<BlockID> {
    let sorted = blocks.sorted { $0.minTime < $1.minTime }
    var result: Set<BlockID> = []
    var run: [BlockMeta] = []
    var end = Int64.min
    func close() {
      guard let start = run.first?.minTime else { return }
      for block in run
      where needed(by: block).map({ start <= $0.lowerBound && end >= $0.upperBound }) ?? true {
        result.insert(block.id)
      }
    }
    for block in sorted {
      let (reach, overflow) = end.addingReportingOverflow(1)
      if !run.isEmpty, !overflow, block.minTime > reach {
        close()
        run.removeAll(keepingCapacity: true)
        end = .min
      }
      run.append(block)
      end = max(end, block.maxTime)
    }
    close()
    return result
  }

  /// The whole days that a block touches with more than an end; nil for none.
  private static func needed(by block: BlockMeta) -> ClosedRange<Int64>? {
    guard block.minTime < block.maxTime else { return nil }
    var first = start(ofDayWith: block.minTime)
    // Of this day the block has its last millisecond only.
    if block.minTime == end(ofDayFrom: first) { first = first.addingSaturating(day) }
    var last = start(ofDayWith: block.maxTime)
    if block.maxTime == last { last = last.addingSaturating(-day) }
    let end = end(ofDayFrom: last)
    return first < end ? first...end : nil
  }

  private static func start(ofDayWith time: Int64) -> Int64 {
    let rest = time % day
    return time.addingSaturating(rest < 0 ? -rest - day : -rest)
  }

  private static func end(ofDayFrom start: Int64) -> Int64 { start.addingSaturating(day - 1) }
}

extension Int64 {
  fileprivate func addingSaturating(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }
}
