public import TSDBBlock

/// Decides which blocks of one group to merge next.
///
/// In this order: blocks that overlap; the parts of an aligned window
/// `[k·range, (k+1)·range)`, smallest range first; one long block with many tombstones.
///
///     range 3:  │ 1 │ 2 │ 3 │ 4 │         4 is fresh and left alone,
///               └──merged───┘             the window of 1, 2, 3 is complete
///
/// A window is complete when its blocks reach from end to end, or when a later block exists beyond
/// it. Gaps inside are fine.
public struct RangePlanner: Equatable, Sendable {
  /// Lengths of blocks in milliseconds, ascending. The first is what comes from Prometheus and is
  /// never a target.
  public let ranges: [Int64]

  /// 1h, 2h, 8h, 2d and 14d: the targets of all levels.
  public static let standardRanges: [Int64] = [1, 2, 8, 48, 336].map { $0 * 3_600_000 }

  private static let tombstoneShare = 0.05

  public init(ranges: [Int64] = RangePlanner.standardRanges) {
    self.ranges = ranges.filter { $0 > 0 }
  }

  /// The blocks to merge, empty when there is nothing to do.
  ///
  /// - Parameters:
  ///   - blocks: one group, sorted by `minTime`.
  ///   - excluded: blocks with a no-compact mark. They keep their place in a window, and the longest
  ///     run beside them is not joined over them.
  public func plan(_ blocks: [BlockMeta], excluding excluded: Set<BlockID> = []) -> [BlockMeta] {
    let included = blocks.filter { !excluded.contains($0.id) }
    let overlapping = BlockOverlap.firstRun(in: included)
    guard overlapping.isEmpty, let fresh = blocks.last else { return overlapping }

    // The youngest block stays as it is, so that its maker may still replace it.
    let window = window(in: blocks.dropLast(), excluded)
    guard window.isEmpty else { return window }
    return blockWithManyTombstones(
      in: included.last?.id == fresh.id ? included.dropLast() : included[...])
  }

  private func window(in blocks: ArraySlice<BlockMeta>, _ excluded: Set<BlockID>) -> [BlockMeta] {
    guard let youngest = blocks.last else { return [] }
    for range in ranges.dropFirst() {
      for part in parts(of: blocks, range: range) {
        guard let first = part.first, let last = part.last, part.count > 1,
          !part.contains(where: \.compaction.failed)
        else { continue }
        let isFull = last.maxTime &- first.minTime == range
        guard isFull || last.maxTime <= youngest.minTime else { continue }
        let run = part.split { excluded.contains($0.id) }.first { $0.count > 1 }
        if let run { return Array(run) }
      }
    }
    return []
  }

  /// Runs of blocks that lie in the same aligned window. A block too long for the window it begins
  /// in belongs to none.
  private func parts(of blocks: ArraySlice<BlockMeta>, range: Int64) -> [ArraySlice<BlockMeta>] {
    var parts: [ArraySlice<BlockMeta>] = []
    var rest = blocks
    while let first = rest.first {
      let end = Self.windowStart(of: first.minTime, range: range) &+ range
      let part = rest.prefix { $0.maxTime <= end }
      if part.isEmpty {
        rest = rest.dropFirst()
      } else {
        parts.append(part)
        rest = rest.dropFirst(part.count)
      }
    }
    return parts
  }

  /// Where the aligned window begins that a time lies in.
  static func windowStart(of time: Int64, range: Int64) -> Int64 {
    let remainder = time % range
    return time &- (remainder < 0 ? remainder + range : remainder)
  }

  private func blockWithManyTombstones(in blocks: ArraySlice<BlockMeta>) -> [BlockMeta] {
    guard !ranges.isEmpty else { return [] }
    let long = blocks.reversed().prefix { $0.maxTime &- $0.minTime >= ranges[ranges.count / 2] }
    let found = long.first {
      Double($0.stats.tombstones) / (Double($0.stats.series) + 1) > Self.tombstoneShare
    }
    return found.map { [$0] } ?? []
  }
}
