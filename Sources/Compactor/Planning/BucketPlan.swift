internal import BlockCatalog
internal import ObjectStore
public import TSDBBlock

/// Every block of a bucket with what would be done to it, and why not.
public struct BucketPlan: Sendable {
  /// One block.
  public struct Block: Sendable {
    public var id: BlockID
    /// Nil when there is no meta.json that can be read.
    public var meta: BlockMeta?
    /// Bytes of all files that meta.json lists; nil when it lists none.
    public var byteCount: Int64?
    public var fate: Fate
    /// One line for people.
    public var reason: String
  }

  /// What becomes of a block.
  public enum Fate: String, Sendable {
    case compact
    case keep
    case exclude
    case delete
    case expire
    case hidden
    case broken
  }

  /// Sorted by identity.
  public let blocks: [Block]
  public let work: PendingWork

  init(
    _ snapshot: CatalogSnapshot, _ configuration: CompactorConfiguration,
    indexSizes: [BlockID: Int64], now: Int64
  ) {
    work = PendingWork(snapshot, configuration, indexSizes: indexSizes, now: now)
    var explanation = PlanExplanation(snapshot, configuration, work)
    var blocks: [Block] = []
    for entry in snapshot.entries {
      let (fate, reason) = explanation.explain(entry)
      blocks.append(Self.block(entry.meta, fate, reason))
    }
    for meta in snapshot.duplicates {
      blocks.append(
        Self.block(meta, .delete, "all its samples are in another block of the group"))
    }
    for (id, state) in snapshot.hidden {
      blocks.append(
        Block(id: id, meta: nil, byteCount: nil, fate: .hidden, reason: Self.text(state)))
    }
    for partial in snapshot.partials {
      blocks.append(
        Block(
          id: partial.id, meta: nil, byteCount: nil, fate: .broken, reason: partial.reason))
    }
    self.blocks = blocks.sorted { $0.id < $1.id }
  }

  private static func block(_ meta: BlockMeta, _ fate: Fate, _ reason: String) -> Block {
    let files = meta.thanos?.files ?? []
    let size = files.reduce(Int64(0)) { $0 &+ $1.size }
    return Block(
      id: meta.id, meta: meta, byteCount: files.isEmpty ? nil : size, fate: fate, reason: reason)
  }

  private static func text(_ state: SyncState) -> String {
    switch state {
    case .timeExcluded: "outside of --min-time and --max-time"
    case .tooFresh: "younger than --consistency-delay"
    case .markedForDeletion: "marked for deletion, waits for --delete-delay"
    case .labelExcluded: "not chosen by the relabel selector"
    default: state.rawValue
    }
  }
}

/// Says why a block is, or is not, worked on.
struct PlanExplanation {
  private let configuration: CompactorConfiguration
  private let work: PendingWork
  private var merges: [BlockID: PendingWork.Compaction] = [:]
  private var marks: [BlockID: CompactionPlanner.Mark] = [:]
  private var overlaps: [BlockID: BlockOverlap] = [:]
  private var groups: [GroupKey: BlockGroup] = [:]
  private let expired: Set<BlockID>
  private let downsampled: Set<BlockID>

  init(
    _ snapshot: CatalogSnapshot, _ configuration: CompactorConfiguration, _ work: PendingWork
  ) {
    self.configuration = configuration
    self.work = work
    expired = Set(work.expired)
    downsampled = Set(work.downsampling.map(\.block.id))
    for compaction in work.compactions {
      for input in compaction.inputs { merges[input.id] = compaction }
    }
    for mark in work.marks { marks[mark.id] = mark }
    for found in work.overlaps.values {
      for overlap in found { for id in overlap.blocks { overlaps[id] = overlap } }
    }
    for group in BlockGroup.groups(of: snapshot.entries) { groups[group.key] = group }
  }

  mutating func explain(
    _ entry: CatalogSnapshot.Entry
  ) -> (fate: BucketPlan.Fate, reason: String) {
    let meta = entry.meta
    if entry.deletionMark != nil {
      return (.delete, "marked for deletion, waits for --delete-delay")
    }
    var (fate, reason) = compaction(of: entry)
    if downsampled.contains(meta.id) {
      reason += meta.resolution == Resolution.raw ? "; downsampled to 5m" : "; downsampled to 1h"
    }
    if expired.contains(meta.id) {
      if fate == .keep { fate = .expire }
      reason += "; its retention is over"
    }
    return (fate, reason)
  }

  private func compaction(
    of entry: CatalogSnapshot.Entry
  ) -> (fate: BucketPlan.Fate, reason: String) {
    let meta = entry.meta
    if let merge = merges[meta.id] {
      let others = merge.inputs.count - 1
      let kind = merge.isVertical ? "overlapping " : ""
      return (
        .compact,
        "merged with \(others) \(kind)block\(others == 1 ? "" : "s") "
          + "to level \(merge.result.compaction.level)"
      )
    }
    if let mark = entry.noCompactMark {
      return (.exclude, "marked as not to be compacted: \(mark.reason)")
    }
    if let mark = marks[meta.id] { return (.exclude, "will be marked: \(mark.reason)") }
    let key = GroupKey(meta)
    if let overlap = overlaps[meta.id] {
      let others = overlap.blocks.filter { $0 != meta.id }.map(\.description)
      return (.keep, "overlaps \(others.joined(separator: ", ")); its group is left alone")
    }
    if work.overlaps[key] != nil { return (.keep, "its group is left alone: blocks overlap") }
    guard let group = groups[key], group.blocks.count > 1 else {
      return (.keep, "the only block of its group")
    }
    if group.blocks.last?.id == meta.id {
      return (.keep, "the youngest of its group, may still be replaced by its maker")
    }
    if meta.compaction.failed { return (.keep, "an earlier compaction failed, as meta.json says") }
    return (.keep, waiting(meta))
  }

  /// Why a block that could become part of a longer one does not yet.
  private func waiting(_ meta: BlockMeta) -> String {
    let length = meta.maxTime &- meta.minTime
    let longer = configuration.planner.ranges.ranges.dropFirst().first { $0 > length }
    guard let longer else { return "as long as blocks get" }
    return "waits for its window of \(GoDuration.text(milliseconds: longer)) to be complete"
  }
}
