internal import StoreAPI
internal import Synchronization
internal import TSDBBlock

/// All blocks that are served at one moment, by external label set. Immutable: a query keeps the
/// snapshot it began with, and with it the mapped files of blocks that were dropped meanwhile.
struct BlockSetSnapshot: Sendable {
  /// The blocks of one external label set.
  struct BlockSet: Sendable {
    let externalLabels: [(name: [UInt8], value: [UInt8])]
    let blocks: [LoadedBlock]
    let selection: BlockSelection
  }

  /// Sorted by labels.
  let sets: [BlockSet]
  /// Blocks of the bucket that should be served and are not, sorted by identity. An answer that
  /// lacks them is not complete.
  let unavailable: [UnavailableBlock]
  /// What Info announces, sorted: the labels of everything served, of what will be, and of what was
  /// until the bucket is known to have none of it.
  let labelSets: [[(name: [UInt8], value: [UInt8])]]

  init(
    _ blocks: some Sequence<LoadedBlock>, unavailable: [UnavailableBlock] = [],
    announced: LabelSets = LabelSets()
  ) {
    self.unavailable = unavailable.sorted { $0.meta.id < $1.meta.id }
    let grouped = Dictionary(grouping: blocks) { WireLabels.encode($0.externalLabels) }
    let order = grouped.keys.sorted { WireLabels.compare($0.rawSpan, $1.rawSpan) < 0 }
    sets = order.map { key in
      let blocks = (grouped[key] ?? []).sorted { $0.id < $1.id }
      return BlockSet(
        externalLabels: blocks.first?.externalLabels ?? [], blocks: blocks,
        selection: BlockSelection(blocks.map(\.extent)))
    }
    var announced = announced
    for set in sets { announced.insert(set.externalLabels) }
    labelSets = announced.sorted
  }

  /// The unavailable blocks that a request would ask: those with a time in the range whose external
  /// labels do not contradict the matchers.
  func unavailable(
    for matchers: [LabelMatcher], minTime: Int64, maxTime: Int64
  ) -> [UnavailableBlock] {
    unavailable.filter { block in
      block.meta.minTime <= maxTime && minTime < block.meta.maxTime
        && ExternalMatching.remaining(matchers, after: block.meta.externalLabels) != nil
    }
  }

  /// The blocks that answer a Series request, each with the matchers to test on its series.
  func blocks(for plan: SeriesPlan) -> [(block: LoadedBlock, matchers: [LabelMatcher])] {
    var result: [(block: LoadedBlock, matchers: [LabelMatcher])] = []
    for set in sets {
      guard
        let matchers = ExternalMatching.remaining(plan.matchers, after: set.externalLabels)
      else { continue }
      let chosen = set.selection.blocks(
        minTime: plan.read.filter.minTime, maxTime: plan.read.filter.maxTime,
        maxResolution: plan.maxResolution)
      for index in chosen {
        let block = set.blocks[index]
        if ExternalMatching.accepts(
          plan.blockMatchers, labels: set.externalLabels, id: block.id)
        {
          result.append((block, matchers))
        }
      }
    }
    return result
  }

  /// As ``blocks(for:)``; label requests look at blocks of every resolution.
  func blocks(for plan: LabelPlan) -> [(block: LoadedBlock, matchers: [LabelMatcher])] {
    var result: [(block: LoadedBlock, matchers: [LabelMatcher])] = []
    for set in sets {
      guard
        let matchers = ExternalMatching.remaining(plan.matchers, after: set.externalLabels)
      else { continue }
      for block in set.blocks
      where block.extent.minTime <= plan.end && plan.start < block.extent.maxTime
        && ExternalMatching.accepts(
          plan.blockMatchers, labels: set.externalLabels, id: block.id)
      {
        result.append((block, matchers))
      }
    }
    return result
  }
}

/// Where the sync loop publishes what is served and queries take it from.
final class PublishedBlocks: Sendable {
  private let snapshot = Mutex(BlockSetSnapshot([]))

  var current: BlockSetSnapshot { snapshot.withLock { $0 } }

  func publish(_ next: BlockSetSnapshot) { snapshot.withLock { $0 = next } }
}
