internal import TSDBBlock

/// Which blocks a program wants to see, in the order the rules are applied.
public struct CatalogRules: Sendable {
  public var timePartition = TimePartition.everything
  /// Which shard of the bucket is worked on; nil for all of it. Does not see replica labels.
  public var selector: RelabelSelector?
  public var consistencyDelay = ConsistencyDelay(milliseconds: 0)
  public var deletionDelay = DeletionDelay(milliseconds: 0)
  public var replicaLabels = ReplicaLabels([])
  /// Hide blocks superseded by others. Off, overlapping copies stay visible.
  public var hidesDuplicates = true

  public init() {}

  /// Applies the rules to what lies in the bucket.
  ///
  /// - Parameters:
  ///   - converted: blocks that converted ones were made from.
  ///   - now: Unix milliseconds.
  func apply(
    to found: [FoundBlock], converted: Set<BlockID> = [], now: Int64
  ) -> CatalogSnapshot {
    var snapshot = CatalogSnapshot()
    for state in SyncState.allCases { snapshot.counts[state] = 0 }
    var kept: [CatalogSnapshot.Entry] = []
    let dispensable = Self.dispensable(among: found, converted)
    for block in found.sorted(by: { $0.id < $1.id }) {
      switch block.meta {
      case .failure(var partial):
        partial.deletionMark = block.deletionMark
        snapshot.partials.append(partial)
        snapshot.counts[partial.state, default: 0] += 1
      case .success(let meta) where dispensable.contains(meta.id):
        snapshot.hide(meta.id, .parquetConverted)
      case .success(let meta):
        if let entry = entry(for: meta, of: block, now: now, in: &snapshot) { kept.append(entry) }
      }
    }
    dropDuplicates(from: &kept, into: &snapshot)
    for entry in kept where entry.noCompactMark != nil {
      snapshot.counts[.markedForNoCompact, default: 0] += 1
    }
    for entry in kept where entry.noDownsampleMark != nil {
      snapshot.counts[.markedForNoDownsample, default: 0] += 1
    }
    snapshot.counts[.loaded] = kept.count
    snapshot.entries = kept
    return snapshot
  }

  private static func dispensable(
    among found: [FoundBlock], _ converted: Set<BlockID>
  ) -> Set<BlockID> {
    guard !converted.isEmpty else { return [] }
    return ConvertedDays.dispensable(
      found.compactMap { block in
        guard converted.contains(block.id), case .success(let meta) = block.meta else {
          return nil
        }
        return meta
      })
  }

  private func entry(
    for meta: BlockMeta, of block: FoundBlock, now: Int64, in snapshot: inout CatalogSnapshot
  ) -> CatalogSnapshot.Entry? {
    guard timePartition.keeps(meta) else {
      snapshot.hide(meta.id, .timeExcluded)
      return nil
    }
    if let selector, !selector.keeps(meta, without: replicaLabels) {
      snapshot.hide(meta.id, .labelExcluded)
      return nil
    }
    guard consistencyDelay.keeps(meta, now: now) else {
      snapshot.hide(meta.id, .tooFresh)
      return nil
    }
    snapshot.deletionMarks[meta.id] = block.deletionMark
    guard deletionDelay.keeps(markedAt: block.deletionMark, now: now) else {
      snapshot.hide(meta.id, .markedForDeletion)
      return nil
    }
    var meta = meta
    snapshot.removedReplicaLabels += replicaLabels.remove(from: &meta)
    return CatalogSnapshot.Entry(
      meta: meta, deletionMark: block.deletionMark, noCompactMark: block.noCompactMark,
      noDownsampleMark: block.noDownsampleMark)
  }

  private func dropDuplicates(
    from entries: inout [CatalogSnapshot.Entry], into snapshot: inout CatalogSnapshot
  ) {
    guard hidesDuplicates else { return }
    let duplicates = DuplicateRule.duplicates(of: entries.lazy.map(\.meta))
    guard !duplicates.isEmpty else { return }
    snapshot.duplicates = entries.map(\.meta).filter { duplicates.contains($0.id) }
    snapshot.counts[.duplicate] = duplicates.count
    entries.removeAll { duplicates.contains($0.id) }
  }
}

extension CatalogSnapshot {
  fileprivate mutating func hide(_ id: BlockID, _ state: SyncState) {
    hidden[id] = state
    counts[state, default: 0] += 1
  }
}

/// A directory named like a block, with what was read from it.
struct FoundBlock: Sendable {
  var id: BlockID
  var meta: Result<BlockMeta, CatalogSnapshot.Partial>
  var deletionMark: DeletionMark?
  var noCompactMark: NoCompactMark?
  var noDownsampleMark: NoDownsampleMark?
}

extension CatalogSnapshot.Partial: Error {}
