public import TSDBBlock

/// Which blocks are superseded by another one.
///
/// Within a group, blocks are looked at by number of sources, most first, then by identity. A block
/// is a duplicate if all its sources are among those of one block kept before it. Time range and
/// level do not matter; sources spread over several kept blocks do not count.
public enum DuplicateRule {
  /// The identities of all duplicates among `blocks`, which may belong to many groups.
  ///
  /// - Complexity: O(n log n) for n blocks that share few sources.
  public static func duplicates(of blocks: some Sequence<BlockMeta>) -> Set<BlockID> {
    var result: Set<BlockID> = []
    for (_, group) in Dictionary(grouping: blocks, by: GroupKey.init) {
      result.formUnion(duplicates(inGroup: group))
    }
    return result
  }

  private static func duplicates(inGroup blocks: [BlockMeta]) -> Set<BlockID> {
    var kept: [Set<BlockID>] = []
    // Where in `kept` a source occurs: a covering block must hold all sources, so also the first.
    var places: [BlockID: [Int]] = [:]
    var duplicates: Set<BlockID> = []
    for block in blocks.sorted(by: precedes) {
      let sources = block.compaction.sources
      let isCovered =
        if let first = sources.first {
          places[first, default: []].contains { kept[$0].isSuperset(of: sources) }
        } else {
          !kept.isEmpty
        }
      if isCovered {
        duplicates.insert(block.id)
        continue
      }
      let distinct = Set(sources)
      for source in distinct { places[source, default: []].append(kept.count) }
      kept.append(distinct)
    }
    return duplicates
  }

  private static func precedes(_ left: BlockMeta, _ right: BlockMeta) -> Bool {
    let (leftCount, rightCount) = (left.compaction.sources.count, right.compaction.sources.count)
    return leftCount == rightCount ? left.id < right.id : leftCount > rightCount
  }
}
