internal import BlockCatalog
internal import TSDBBlock

/// Foresees whether a block that is about to be made will be downsampled as it is.
///
///     plan ─► as if merged ─┬─ long enough, sources not yet in a coarser block? ─► due
///                           └─ part of a later plan? ─► only what becomes of it is due
///
/// A forecast may be wrong, when other compactors are at work or blocks come and go meanwhile: work
/// is wasted then, or done later, and nothing else.
enum DownsamplingForecast {
  /// The resolution the merged block will get, nil when it will not be downsampled.
  ///
  /// - Parameters:
  ///   - inputs: the plan.
  ///   - blocks: all there are in the bucket.
  static func resolution(
    ofMerging inputs: [BlockMeta], in group: BlockGroup, among blocks: [BlockMeta],
    _ configuration: CompactorConfiguration
  ) -> Int64? {
    guard configuration.downsamples else { return nil }
    // Not zero, which would be taken for no block at all.
    let merged = MergedMeta.make(id: BlockID.make(now: 1), inputs: inputs, group: group)
    guard let (_, length) = DownsamplingPlanner.next(after: merged.resolution),
      merged.maxTime.subtractingReportingOverflow(merged.minTime).partialValue >= length
    else { return nil }
    let gone = Set(inputs.map(\.id))
    let left = blocks.filter { !gone.contains($0.id) } + [merged]
    let due = DownsamplingPlanner.plan(left, excluding: []).first { $0.block.id == merged.id }
    guard let due, !isMergedFurther(merged, gone, group, configuration.planner.ranges) else {
      return nil
    }
    return due.resolution
  }

  /// Whether a later plan takes the merged block. Only blocks of its largest window have a say, and
  /// the youngest one, because of which the window is complete.
  private static func isMergedFurther(
    _ merged: BlockMeta, _ gone: Set<BlockID>, _ group: BlockGroup, _ ranges: RangePlanner
  ) -> Bool {
    guard let range = ranges.ranges.last else { return false }
    let start = RangePlanner.windowStart(of: merged.minTime, range: range)
    let left = group.blocks.filter { !gone.contains($0.id) }
    var near = left.dropLast().filter {
      RangePlanner.windowStart(of: $0.minTime, range: range) == start
    }
    near += left.suffix(1) + [merged]
    while true {
      near.sort { ($0.minTime, $0.id) < ($1.minTime, $1.id) }
      let plan = ranges.plan(near, excluding: group.excluded)
      let planned = Set(plan.map(\.id))
      guard !plan.isEmpty, !planned.contains(merged.id) else { return !plan.isEmpty }
      near.removeAll { planned.contains($0.id) }
      near.append(
        MergedMeta.make(
          id: BlockID.make(now: Int64(near.count) + 2), inputs: plan, group: group))
    }
  }
}
