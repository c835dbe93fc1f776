/// The series that a selector leaves over.
public struct PostingsSelection: Sendable {
  /// Series ids, increasing: the order of their labels inside the block.
  public var ids: [UInt32]
  /// Conditions that reading postings would have cost more than they save; the reader of the
  /// series tests its labels against them.
  public var remaining: [LabelMatcher]

  public init(ids: [UInt32], remaining: [LabelMatcher] = []) {
    self.ids = ids
    self.remaining = remaining
  }
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
