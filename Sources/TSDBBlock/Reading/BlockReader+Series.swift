extension BlockReader {
  /// The series that a selector matches, as PromQL writes it: `up{job="api", code=~"5.."}`.
  ///
  /// - Parameters:
  ///   - selector: see ``SelectorParser``.
  ///   - range: times of interest, both ends inclusive, in milliseconds.
  ///   - includesDeleted: whether samples that tombstones hide are read nevertheless.
  /// - Throws: ``BlockError`` with the code `invalidMatcher` when the selector is not valid, and
  ///   when a part of the index that is needed is damaged.
  /// - Complexity: O(entries of the postings lists that the selector needs). No series is read yet.
  public func series(
    matching selector: String, in range: ClosedRange<Int64> = Int64.min...Int64.max,
    includesDeleted: Bool = false
  ) throws(BlockError) -> SeriesReader {
    try series(
      matching: try SelectorParser.parse(selector), in: range, includesDeleted: includesDeleted)
  }

  /// The series that match all of `matchers`; without any, all series of the block.
  ///
  /// - Parameters:
  ///   - matchers: conditions in any order.
  ///   - range: times of interest, both ends inclusive, in milliseconds.
  ///   - includesDeleted: whether samples that tombstones hide are read nevertheless.
  /// - Throws: ``BlockError`` when a part of the index that is needed is damaged.
  /// - Complexity: O(entries of the postings lists that are needed). No series is read yet.
  public func series(
    matching matchers: [LabelMatcher] = [], in range: ClosedRange<Int64> = Int64.min...Int64.max,
    includesDeleted: Bool = false
  ) throws(BlockError) -> SeriesReader {
    try SeriesReader(
      self, try index.select(matchers), in: range, includesDeleted: includesDeleted)
  }

  /// Series that were selected before, by their ids.
  package func series(
    ids: [UInt32], in range: ClosedRange<Int64>, includesDeleted: Bool
  ) throws(BlockError) -> SeriesReader {
    try SeriesReader(
      self, PostingsSelection(ids: ids, remaining: []), in: range,
      includesDeleted: includesDeleted)
  }
}
