/// The series that a selector leaves over.
public struct PostingsSelection: Sendable {
  /// Series ids, increasing: the order of their labels inside the block.
  public var ids: [UInt32]
  /// Conditions that reading postings would have cost more than they save; the reader of the
  /// series tests its labels against them.
  public var remaining: [LabelMatcher]
}

extension IndexReader {
  /// The series that match all of `matchers`; none means all series.
  ///
  /// - Parameters:
  ///   - matchers: conditions in any order.
  ///   - allowsRemaining: whether conditions may be left to the reader of the series. A condition
  ///     such as `pod!=""` has a list per value, and when another one has already brought the
  ///     series down to a few, reading these is cheaper.
  /// - Throws: ``BlockError`` when a list that is needed is damaged.
  public func select(
    _ matchers: [LabelMatcher], allowsRemaining: Bool = true
  ) throws(BlockError) -> PostingsSelection {
    let plan = PostingsPlan(matchers)
    guard !plan.isEmpty else { return PostingsSelection(ids: [], remaining: []) }
    do {
      return try PostingsExpansion(index: self, allowsRemaining: allowsRemaining).run(plan)
    } catch {
      throw error.inFile(path)
    }
  }
}

/// Carries out a plan: the groups with few series first.
struct PostingsExpansion {
  let index: IndexReader
  let allowsRemaining: Bool

  /// What a list and an entry of a list cost, beside one series that is read and tested.
  private static let costPerList = 4
  private static let entriesPerSeries = 16

  private struct Costed {
    var group: PostingsPlan.Group
    var lists: [UInt64]
    var entries: Int
    var cost: Int { entries + PostingsExpansion.costPerList * lists.count }
  }

  func run(_ plan: PostingsPlan) throws(BlockError) -> PostingsSelection {
    var additions: [Costed] = []
    var subtractions: [Costed] = []
    var wide: [PostingsPlan.Group] = []
    for group in plan.groups {
      // Going through all values of a label is work of its own; it waits until it is known how
      // many series the rest leaves.
      if allowsRemaining, group.candidates == nil, try isWide(group) {
        wide.append(group)
        continue
      }
      let costed = try cost(group)
      if group.isSubtraction {
        subtractions.append(costed)
      } else if costed.lists.isEmpty {
        return PostingsSelection(ids: [], remaining: [])
      } else {
        additions.append(costed)
      }
    }
    if additions.isEmpty {
      for group in wide {
        let costed = try cost(group)
        if group.isSubtraction { subtractions.append(costed) } else { additions.append(costed) }
      }
      wide = []
    }
    return try expand(additions, subtractions, wide)
  }

  private func expand(
    _ additions: [Costed], _ subtractions: [Costed], _ wide: [PostingsPlan.Group]
  ) throws(BlockError) -> PostingsSelection {
    var remaining: [LabelMatcher] = []
    var ids: [UInt32]?
    for addition in additions.sorted(by: { $0.entries < $1.entries }) {
      guard var current = ids else {
        ids = try union(addition.lists)
        continue
      }
      if isCheaperToTest(current.count, addition.cost) {
        remaining += addition.group.matchers
      } else if addition.lists.count == 1 {
        let list = try index.postingsList(at: addition.lists[0])
        let file = index.file
        PostingsAlgebra.intersect(&current, with: list, in: file.bytes)
        ids = current
      } else {
        PostingsAlgebra.intersect(&current, with: try union(addition.lists))
        ids = current
      }
    }
    var result = if let ids { ids } else { try index.allPostings() }
    for subtraction in subtractions where !result.isEmpty {
      if isCheaperToTest(result.count, subtraction.cost) {
        remaining += subtraction.group.matchers
      } else if !subtraction.lists.isEmpty {
        PostingsAlgebra.subtract(try union(subtraction.lists), from: &result)
      }
    }
    for group in wide where !result.isEmpty {
      let valueCount = try index.postingsOffsets.valueCount(of: group.name)
      if isCheaperToTest(result.count, Self.costPerList * 4 * valueCount) {
        remaining += group.matchers
        continue
      }
      let lists = try cost(group).lists
      if group.isSubtraction {
        if !lists.isEmpty { PostingsAlgebra.subtract(try union(lists), from: &result) }
      } else {
        PostingsAlgebra.intersect(&result, with: lists.isEmpty ? [] : try union(lists))
      }
    }
    return PostingsSelection(ids: result, remaining: result.isEmpty ? [] : remaining)
  }

  private func isCheaperToTest(_ seriesCount: Int, _ cost: Int) -> Bool {
    allowsRemaining && cost / Self.entriesPerSeries > seriesCount
  }

  private func isWide(_ group: PostingsPlan.Group) throws(BlockError) -> Bool {
    try index.postingsOffsets.valueCount(of: group.name) > 1024
  }

  private func union(_ offsets: [UInt64]) throws(BlockError) -> [UInt32] {
    var lists: [PostingsList] = []
    lists.reserveCapacity(offsets.count)
    for offset in offsets { lists.append(try index.postingsList(at: offset)) }
    let file = index.file
    return PostingsAlgebra.union(lists, in: file.bytes)
  }

  /// Finds the lists a group needs and adds up what they hold.
  private func cost(_ group: PostingsPlan.Group) throws(BlockError) -> Costed {
    let table = try index.postingsOffsets
    let file = index.file
    let bytes = file.bytes
    var costed = Costed(group: group, lists: [], entries: 0)
    if let candidates = group.candidates {
      for value in candidates where group.wants(value.rawSpan) {
        if let offset = try table.listOffset(name: group.name, value: value) {
          costed.lists.append(offset)
        }
      }
    } else {
      try table.forEachValue(of: group.name) { (value, offset) throws(BlockError) in
        if group.wants(bytes.extracting(value)) { costed.lists.append(offset) }
        return true
      }
    }
    for offset in costed.lists { costed.entries += index.cardinality(at: offset) }
    return costed
  }
}
