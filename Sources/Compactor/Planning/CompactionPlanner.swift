public import TSDBBlock

/// The range planner, with two reasons to keep single blocks out of a plan for good.
public struct CompactionPlanner: Equatable, Sendable {
  public var ranges: RangePlanner
  /// Largest index a merge may produce, in bytes; nil for no limit.
  public var indexSizeLimit: Int64?
  /// Overlapping blocks are merged. Downsampled ones cannot be: they are marked instead.
  public var mergesOverlaps: Bool

  /// The merged index may be larger than the sum of its parts by this much.
  private static let headroom = 0.85

  public init(
    ranges: RangePlanner = RangePlanner(), indexSizeLimit: Int64? = nil,
    mergesOverlaps: Bool = false
  ) {
    self.ranges = ranges
    self.indexSizeLimit = indexSizeLimit
    self.mergesOverlaps = mergesOverlaps
  }

  /// What to merge, and which blocks to mark before.
  public struct Plan: Equatable, Sendable {
    /// Empty when there is nothing to merge.
    public var blocks: [BlockMeta] = []
    /// In the order they were found necessary.
    public var marks: [Mark] = []
  }

  /// A no-compact mark to be written.
  public struct Mark: Equatable, Sendable {
    public var id: BlockID
    /// See ``MarkReason``.
    public var reason: String
    public var details: String
  }

  /// The size of a block's index is neither in its meta.json nor known from the bucket.
  public struct UnknownIndexSize: Error, Equatable, Sendable, CustomStringConvertible {
    public var id: BlockID
    public var description: String { "block \(id): the size of its index is not known" }
  }

  /// - Parameters:
  ///   - blocks: one group, sorted by `minTime`.
  ///   - excluded: blocks with a no-compact mark.
  ///   - indexSizes: sizes in the bucket of indexes that meta.json does not tell.
  public func plan(
    _ blocks: [BlockMeta], excluding excluded: Set<BlockID> = [],
    indexSizes: [BlockID: Int64] = [:]
  ) throws(UnknownIndexSize) -> Plan {
    var plan = Plan()
    var excluded = excluded
    while true {
      let blocks = ranges.plan(blocks, excluding: excluded)
      let marks = try marks(against: blocks, indexSizes)
      guard !marks.isEmpty else {
        plan.blocks = blocks
        return plan
      }
      plan.marks += marks
      excluded.formUnion(marks.map(\.id))
    }
  }

  /// The marks without which `blocks` cannot be merged.
  private func marks(
    against blocks: [BlockMeta], _ indexSizes: [BlockID: Int64]
  ) throws(UnknownIndexSize) -> [Mark] {
    if let mark = try indexSizeMark(against: blocks, indexSizes) { return [mark] }
    guard mergesOverlaps, !BlockOverlap.firstRun(in: blocks).isEmpty else { return [] }
    return blocks.filter { $0.resolution != 0 }.map { block in
      Mark(
        id: block.id, reason: MarkReason.downsampleVerticalCompaction,
        details: "verticalCompactionDownsampleFilter: Downsampled block, "
          + "see https://github.com/thanos-io/thanos/issues/6775")
    }
  }

  /// A mark for the largest of the blocks up to the one with which the limit is reached.
  private func indexSizeMark(
    against blocks: [BlockMeta], _ indexSizes: [BlockID: Int64]
  ) throws(UnknownIndexSize) -> Mark? {
    guard let indexSizeLimit else { return nil }
    var total: Int64 = 0
    var largest: (id: BlockID, size: Int64)?
    for block in blocks {
      let size = try indexSize(of: block, indexSizes)
      if size > largest?.size ?? Int64.min { largest = (block.id, size) }
      total = total.addingReportingOverflow(size).overflow ? Int64.max : total + size
      guard Double(total) >= (Double(indexSizeLimit) * Self.headroom).rounded(.down),
        let largest
      else { continue }
      return Mark(
        id: largest.id, reason: MarkReason.indexSizeExceeding,
        details: "largeTotalIndexSizeFilter: Total compacted block's index size could exceed: "
          + "\(indexSizeLimit) with this block. "
          + "See https://github.com/thanos-io/thanos/issues/1424")
    }
    return nil
  }

  private func indexSize(
    of block: BlockMeta, _ indexSizes: [BlockID: Int64]
  ) throws(UnknownIndexSize) -> Int64 {
    let listed = block.thanos?.files.last { $0.path == "index" }?.size
    if let listed, listed > 0 { return listed }
    guard let size = indexSizes[block.id] else { throw UnknownIndexSize(id: block.id) }
    return size
  }
}
