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

  init(_ blocks: some Sequence<LoadedBlock>) {
    let grouped = Dictionary(grouping: blocks) { WireLabels.encode($0.externalLabels) }
    let order = grouped.keys.sorted { WireLabels.compare($0.rawSpan, $1.rawSpan) < 0 }
    sets = order.map { key in
      let blocks = (grouped[key] ?? []).sorted { $0.id < $1.id }
      return BlockSet(
        externalLabels: blocks.first?.externalLabels ?? [], blocks: blocks,
        selection: BlockSelection(blocks.map(\.extent)))
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
