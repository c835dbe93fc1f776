public import BlockCatalog
public import TSDBBlock

/// What is left to do, found by planning over and over without doing anything.
///
///     blocks ─► plan ─► as if merged ─► plan ─► … until nothing is planned
public struct PendingWork: Sendable {
  /// One merge. It may need blocks of merges before it.
  public struct Compaction: Sendable {
    public var group: GroupKey
    public var inputs: [BlockMeta]
    /// What the merge would make, as far as that can be told: sums of samples, series and chunks
    /// are those of the inputs.
    public var result: BlockMeta
    public var isVertical: Bool
  }

  /// In the order of the work.
  public private(set) var compactions: [Compaction] = []
  /// Blocks that would be kept out of compaction.
  public private(set) var marks: [CompactionPlanner.Mark] = []
  /// Groups whose blocks overlap and are not merged.
  public private(set) var overlaps: [GroupKey: [BlockOverlap]] = [:]
  /// Blocks due to be downsampled as they are.
  public private(set) var downsampling: [DownsamplingPlanner.Task] = []
  /// Blocks due to be downsampled once the merges are made.
  public private(set) var laterDownsampling: [DownsamplingPlanner.Task] = []
  /// Blocks whose retention is over and that are not marked yet.
  public private(set) var expired: [BlockID] = []

  /// - Parameters:
  ///   - snapshot: of the bucket.
  ///   - indexSizes: of blocks whose meta.json does not tell; unknown ones count nothing.
  ///   - now: Unix milliseconds.
  init(
    _ snapshot: CatalogSnapshot, _ configuration: CompactorConfiguration,
    indexSizes: [BlockID: Int64] = [:], now: Int64
  ) {
    for group in BlockGroup.groups(of: snapshot.entries) where group.blocks.count > 1 {
      plan(group, configuration, indexSizes)
    }
    if configuration.downsamples {
      downsampling = DownsamplingPlanner.plan(
        snapshot.entries.map(\.meta),
        excluding: Set(snapshot.entries.filter { $0.noDownsampleMark != nil }.map(\.id)))
      let gone = Set(compactions.flatMap(\.inputs).map(\.id))
      let left = snapshot.entries.map(\.meta) + compactions.map(\.result)
      // What is downsampled now counts as there.
      let made = downsampling.map { task in
        DownsampledMeta.make(
          id: BlockID.make(now: 1), from: task.block, resolution: task.resolution)
      }
      laterDownsampling = DownsamplingPlanner.plan(
        left.filter { !gone.contains($0.id) } + made, excluding: Set(downsampling.map(\.block.id)))
    }
    expired = snapshot.entries.filter {
      $0.deletionMark == nil && configuration.retention.isOver($0.meta, now: now)
    }.map(\.id)
  }

  private mutating func plan(
    _ group: BlockGroup, _ configuration: CompactorConfiguration, _ indexSizes: [BlockID: Int64]
  ) {
    if !configuration.mergesOverlaps {
      let found = BlockOverlap.all(in: group.blocks)
      guard found.isEmpty else {
        overlaps[group.key] = found
        return
      }
    }
    var blocks = group.blocks
    var excluded = group.excluded
    var sizes = indexSizes
    for block in blocks where sizes[block.id] == nil { sizes[block.id] = 0 }
    while blocks.count > 1 {
      guard
        let plan = try? configuration.planner.plan(
          blocks, excluding: excluded, indexSizes: sizes)
      else { return }
      marks += plan.marks
      excluded.formUnion(plan.marks.map(\.id))
      guard !plan.blocks.isEmpty else { return }
      let result = Self.merged(plan.blocks, group, number: compactions.count)
      compactions.append(
        Compaction(
          group: group.key, inputs: plan.blocks, result: result,
          isVertical: !BlockOverlap.firstRun(in: plan.blocks).isEmpty))
      sizes[result.id] = plan.blocks.reduce(0) { sum, block in
        let listed = block.thanos?.files.last { $0.path == "index" }?.size ?? 0
        let size = listed > 0 ? listed : sizes[block.id] ?? 0
        let (total, overflow) = sum.addingReportingOverflow(size)
        return overflow ? Int64.max : total
      }
      let planned = Set(plan.blocks.map(\.id))
      blocks.removeAll { planned.contains($0.id) }
      blocks.append(result)
      blocks.sort { ($0.minTime, $0.id) < ($1.minTime, $1.id) }
    }
  }

  private static func merged(
    _ inputs: [BlockMeta], _ group: BlockGroup, number: Int
  ) -> BlockMeta {
    // Not zero, which would be taken for no block at all, and unlike every other one.
    let id = BlockID.make(now: Int64(number) + 1)
    var meta = MergedMeta.make(id: id, inputs: inputs, group: group)
    for input in inputs {
      meta.stats.samples &+= input.stats.samples
      meta.stats.chunks &+= input.stats.chunks
      meta.stats.series = max(meta.stats.series, input.stats.series)
    }
    return meta
  }
}
