internal import BlockCatalog
internal import TSDBBlock

/// The blocks that are compacted together.
struct BlockGroup: Sendable {
  let key: GroupKey
  /// Sorted by `minTime`.
  let blocks: [BlockMeta]
  /// Blocks with a no-compact mark.
  let excluded: Set<BlockID>

  /// All groups, in the order they are worked on.
  ///
  /// A block that is marked for deletion still takes part, so that its time stays covered; one
  /// without samples covers nothing.
  static func groups(of entries: [CatalogSnapshot.Entry]) -> [BlockGroup] {
    let worthwhile = entries.filter { $0.deletionMark == nil || $0.meta.stats.samples > 0 }
    return Dictionary(grouping: worthwhile) { GroupKey($0.meta) }
      .map { key, entries in
        BlockGroup(
          key: key,
          blocks: entries.map(\.meta).sorted { ($0.minTime, $0.id) < ($1.minTime, $1.id) },
          excluded: Set(entries.filter { $0.noCompactMark != nil }.map(\.id)))
      }
      .sorted { $0.key < $1.key }
  }

  /// What the merged block says under `thanos.extensions`: the keys that all blocks of the group
  /// have, with the values of the earliest one.
  var extensions: RawJSON? {
    guard case .object(let earliest)? = blocks.first?.thanos?.extensions else { return nil }
    var common = earliest
    for block in blocks.dropFirst() {
      guard case .object(let members)? = block.thanos?.extensions else { return nil }
      let keys = Set(members.map(\.key))
      common.removeAll { !keys.contains($0.key) }
    }
    return .object(common)
  }
}
