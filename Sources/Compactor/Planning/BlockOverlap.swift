public import TSDBBlock

/// Blocks of one group that claim the same time. Blocks that touch do not overlap.
public struct BlockOverlap: Equatable, Sendable {
  /// The span that all of ``blocks`` cover, Unix milliseconds.
  public var minTime: Int64
  public var maxTime: Int64
  /// Sorted by `minTime`.
  public var blocks: [BlockID]

  /// The first run of blocks in which each begins before all earlier ones of the run have ended.
  ///
  /// - Parameter blocks: sorted by `minTime`.
  static func firstRun(in blocks: [BlockMeta]) -> [BlockMeta] {
    guard var end = blocks.first?.maxTime else { return [] }
    var run: [BlockMeta] = []
    for (previous, block) in zip(blocks, blocks.dropFirst()) {
      if block.minTime < end {
        if run.isEmpty { run.append(previous) }
        run.append(block)
      } else if !run.isEmpty {
        break
      }
      end = max(end, block.maxTime)
    }
    return run
  }

  /// All overlaps, each with as many blocks as share some span.
  ///
  /// - Parameter blocks: sorted by `minTime`.
  public static func all(in blocks: [BlockMeta]) -> [BlockOverlap] {
    guard let first = blocks.first else { return [] }
    var groups: [[BlockMeta]] = []
    // Blocks that have not ended where the current one begins.
    var pending = [first]
    var continuesGroup = true
    for block in blocks.dropFirst() {
      let open = pending.filter { $0.maxTime > block.minTime }
      if open.count < pending.count { continuesGroup = false }
      pending = open + [block]
      guard !open.isEmpty else { continue }
      if continuesGroup, !groups.isEmpty {
        groups[groups.count - 1].append(block)
      } else {
        groups.append(pending)
        continuesGroup = true
      }
    }
    return groups.map { group in
      BlockOverlap(
        minTime: group.map(\.minTime).max() ?? 0, maxTime: group.map(\.maxTime).min() ?? 0,
        blocks: group.map(\.id))
    }
  }
}
