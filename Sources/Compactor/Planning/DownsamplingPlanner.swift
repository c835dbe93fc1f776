internal import BlockCatalog
public import TSDBBlock

/// Decides which blocks are to be downsampled.
///
///     raw ── at least 40 h long ──► 5 min ── at least 10 d long ──► 1 h
///
/// A block is due while some source of it is in no block of the next resolution. It is the length
/// that counts, not the age: longer blocks make fuller chunks.
public enum DownsamplingPlanner {
  static let fiveMinuteRange: Int64 = 40 * 3_600_000
  static let oneHourRange: Int64 = 10 * 24 * 3_600_000

  /// A block and the resolution it is to get.
  public struct Task: Equatable, Sendable {
    public var block: BlockMeta
    /// Milliseconds.
    public var resolution: Int64
  }

  /// All blocks that are due, sorted by identity.
  ///
  /// - Parameters:
  ///   - blocks: all there are, of any group.
  ///   - excluded: blocks with a no-downsample mark. They are not downsampled; their sources count.
  public static func plan(_ blocks: [BlockMeta], excluding excluded: Set<BlockID>) -> [Task] {
    var covered: [Int64: Set<BlockID>] = [:]
    for block in blocks {
      covered[block.resolution, default: []].formUnion(block.compaction.sources)
    }
    return
      blocks
      .filter { !excluded.contains($0.id) }
      .sorted { $0.id < $1.id }
      .compactMap { block in
        guard let (resolution, length) = next(after: block.resolution),
          block.maxTime.subtractingReportingOverflow(block.minTime).partialValue >= length,
          !block.compaction.sources.allSatisfy(covered[resolution, default: []].contains)
        else { return nil }
        return Task(block: block, resolution: resolution)
      }
  }

  static func next(after resolution: Int64) -> (resolution: Int64, length: Int64)? {
    switch resolution {
    case Resolution.raw: (Resolution.fiveMinutes, fiveMinuteRange)
    case Resolution.fiveMinutes: (Resolution.oneHour, oneHourRange)
    default: nil
    }
  }
}
