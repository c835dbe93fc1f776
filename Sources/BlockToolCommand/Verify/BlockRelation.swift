internal import Console
internal import TSDBBlock

/// Two blocks that should not both be there, or not with these times.
struct BlockRelation {
  enum Kind: String {
    // For programs, never rename.
    /// One holds all that the other was made of.
    case duplicate = "block-duplicate"
    /// Both cover some time.
    case overlap = "block-overlap"
  }

  var kind: Kind
  /// The directories, the superfluous one of duplicates first.
  var blocks: [String]
  var message: String

  /// Compares blocks of one group, which have the same external labels and resolution. Those that are
  /// marked for deletion are about to go, and no matter.
  ///
  /// - Complexity: O(n log n) and what overlaps.
  static func all(among blocks: [VerifiedBlock]) -> [BlockRelation] {
    var groups: [Group: [Member]] = [:]
    for block in blocks {
      guard let meta = block.meta, !block.isMarkedForDeletion else { continue }
      let labels = LabelSet(meta.externalLabels)
      groups[Group(labels: labels, resolution: meta.resolution), default: []]
        .append(Member(directory: block.directory, meta: meta))
    }
    var relations: [BlockRelation] = []
    for (_, members) in groups.sorted(by: { $0.key < $1.key }) {
      let sorted = members.sorted {
        ($0.meta.minTime, $0.meta.maxTime, $0.directory)
          < ($1.meta.minTime, $1.meta.maxTime, $1.directory)
      }
      var open: [Member] = []
      for member in sorted {
        open.removeAll { $0.meta.maxTime <= member.meta.minTime }
        relations += open.map { compare($0, member) }
        open.append(member)
      }
    }
    return relations
  }

  private struct Group: Hashable, Comparable {
    var labels: LabelSet
    var resolution: Int64

    static func < (left: Self, right: Self) -> Bool {
      left.labels == right.labels ? left.resolution < right.resolution : left.labels < right.labels
    }
  }

  private struct Member {
    var directory: String
    var meta: BlockMeta
  }

  private static func compare(_ left: Member, _ right: Member) -> BlockRelation {
    guard left.meta.id != right.meta.id else {
      return BlockRelation(
        kind: .duplicate, blocks: [left.directory, right.directory],
        message: "\(left.meta.id) is in \(left.directory) and in \(right.directory)")
    }
    for (part, whole) in [(left, right), (right, left)] {
      let sources = Set(part.meta.compaction.sources)
      let isParent = whole.meta.compaction.parents.contains { $0.id == part.meta.id }
      guard isParent || (!sources.isEmpty && sources.isSubset(of: whole.meta.compaction.sources))
      else { continue }
      return BlockRelation(
        kind: .duplicate, blocks: [part.directory, whole.directory],
        message: "\(part.meta.id) went into \(whole.meta.id) and is superfluous")
    }
    let start = max(left.meta.minTime, right.meta.minTime)
    let end = min(left.meta.maxTime, right.meta.maxTime)
    return BlockRelation(
      kind: .overlap, blocks: [left.directory, right.directory],
      message: "\(left.meta.id) and \(right.meta.id) both cover \(HumanText.time(start)) to "
        + "\(HumanText.time(end)) (\(HumanText.duration(from: start, to: end))); Thanos does not "
        + "compact them unless vertical compaction is on")
  }
}
