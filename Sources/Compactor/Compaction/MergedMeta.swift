internal import BlockCatalog
internal import TSDBBlock

/// The identity of a merged block, derived from its inputs.
enum MergedMeta {
  /// - Parameter inputs: in the order of the plan; not empty.
  static func make(id: BlockID, inputs: [BlockMeta], group: BlockGroup) -> BlockMeta {
    var meta = BlockMeta(
      id: id, minTime: inputs.map(\.minTime).min() ?? 0, maxTime: inputs.map(\.maxTime).max() ?? 0)
    // A file may claim any level.
    meta.compaction.level = min(inputs.map(\.compaction.level).max() ?? 0, Int.max - 1) + 1
    meta.compaction.sources = Set(inputs.flatMap(\.compaction.sources)).sorted()
    meta.compaction.parents = inputs.map {
      BlockMeta.Parent(id: $0.id, minTime: $0.minTime, maxTime: $0.maxTime)
    }
    meta.compaction.hints = hints(of: inputs)
    var thanos = ThanosMeta()
    thanos.labels = group.blocks.first?.thanos?.labels ?? []
    thanos.resolution = group.key.resolution
    thanos.source = "compactor"
    thanos.extensions = group.extensions
    meta.thanos = thanos
    return meta
  }

  /// A block is out of order only if all of it is; it is partial if any of it is.
  private static func hints(of inputs: [BlockMeta]) -> [String] {
    let sets = inputs.map { Set($0.compaction.hints) }
    var hints: [String] = []
    if sets.allSatisfy({ $0.contains(BlockMeta.Hint.fromOutOfOrder) }) {
      hints.append(BlockMeta.Hint.fromOutOfOrder)
    }
    for hint in [BlockMeta.Hint.fromSelectedSeries, BlockMeta.Hint.fromStaleSeries]
    where sets.contains(where: { $0.contains(hint) }) {
      hints.append(hint)
    }
    return hints
  }
}
