internal import TSDBBlock

/// Who a block is that was made of others.
enum BlockLineage {
  /// - Parameters:
  ///   - inputs: not empty.
  ///   - labels: the external labels of the result, nil for those of the inputs.
  /// - Throws: ``ToolError`` when the inputs do not belong together.
  static func merged(_ inputs: [BlockMeta], labels: [ThanosMeta.Label]?) throws -> BlockMeta {
    var meta = BlockMeta(id: .make(now: currentMilliseconds()), minTime: 0, maxTime: 0)
    // A file may claim any level.
    meta.compaction.level = min(inputs.map(\.compaction.level).max() ?? 0, Int.max - 1) + 1
    meta.compaction.sources = Set(inputs.flatMap(\.compaction.sources)).sorted()
    meta.compaction.parents = inputs.map(parent)
    meta.compaction.hints = hints(of: inputs)
    meta.thanos = try thanos(of: inputs, labels)
    return meta
  }

  /// A part of one block: as old as that, of the same level.
  static func part(of input: BlockMeta, minTime: Int64, maxTime: Int64) -> BlockMeta {
    var meta = BlockMeta(
      id: .make(now: currentMilliseconds()), minTime: minTime, maxTime: maxTime)
    meta.compaction.level = input.compaction.level
    meta.compaction.sources = input.compaction.sources
    meta.compaction.parents = [parent(input)]
    meta.compaction.hints = input.compaction.hints
    meta.thanos = input.thanos.map(derived)
    return meta
  }

  /// As Thanos does it: the same block in all but ULID and resolution.
  static func downsampled(_ input: BlockMeta, resolution: Int64) -> BlockMeta {
    var meta = input
    meta.id = .make(now: currentMilliseconds())
    meta.thanos = derived(input.thanos ?? ThanosMeta())
    meta.thanos?.resolution = resolution
    return meta
  }

  private static func parent(_ meta: BlockMeta) -> BlockMeta.Parent {
    BlockMeta.Parent(id: meta.id, minTime: meta.minTime, maxTime: meta.maxTime)
  }

  /// A block is out of order only if all of it is; it is partial if any of it is.
  private static func hints(of inputs: [BlockMeta]) -> [String] {
    let sets = inputs.map { Set($0.compaction.hints) }
    let all = BlockMeta.Hint.fromOutOfOrder
    let any = [BlockMeta.Hint.fromSelectedSeries, BlockMeta.Hint.fromStaleSeries]
    return (sets.allSatisfy { $0.contains(all) } ? [all] : [])
      + any.filter { hint in sets.contains { $0.contains(hint) } }
  }

  private static func thanos(
    of inputs: [BlockMeta], _ labels: [ThanosMeta.Label]?
  ) throws -> ThanosMeta? {
    let resolutions = Set(inputs.map(\.resolution))
    guard resolutions.count == 1 else {
      throw ToolError("the blocks have different resolutions; merge those of one at a time")
    }
    let sections = inputs.compactMap(\.thanos)
    guard let first = sections.first else {
      return labels.map { labels in
        var thanos = derived(ThanosMeta())
        thanos.labels = labels
        return thanos
      }
    }
    if labels == nil {
      guard sections.count == inputs.count, sections.allSatisfy({ $0.labels == first.labels })
      else {
        throw ToolError(
          "the blocks have different external labels; say those of the result with --label")
      }
    }
    var thanos = derived(first)
    thanos.labels = labels ?? first.labels
    return thanos
  }

  private static func derived(_ section: ThanosMeta) -> ThanosMeta {
    var thanos = ThanosMeta()
    thanos.version = 1
    thanos.labels = section.labels
    thanos.resolution = section.resolution
    thanos.source = "blocktool"
    thanos.rewrites = section.rewrites
    thanos.extensions = section.extensions
    return thanos
  }
}

extension BlockReader {
  /// The times the block claims, and those of its chunks where they reach beyond: half open.
  ///
  /// - Complexity: O(series and chunks in the index).
  func timeRange() throws -> (minTime: Int64, maxTime: Int64) {
    var (first, end) = (meta.minTime, meta.maxTime)
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    for id in try index.allPostings() {
      labels.removeAll(keepingCapacity: true)
      chunks.removeAll(keepingCapacity: true)
      try index.appendSeries(id, labels: &labels, chunks: &chunks)
      for chunk in chunks {
        first = min(first, chunk.minTime)
        end = max(end, chunk.maxTime == .max ? .max : chunk.maxTime + 1)
      }
    }
    return (first, end)
  }
}
