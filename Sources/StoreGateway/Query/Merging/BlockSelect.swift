internal import RemoteBlocks
internal import TSDBBlock

/// Finding the series of a block that match.
extension LoadedBlock {
  /// Ids in the order of the series' labels inside the block, and conditions that are left to be
  /// tested on the series.
  ///
  /// - Throws: `ends` when a limit does not allow it; nothing was read then from a bucket.
  func select(
    _ matchers: [LabelMatcher], _ context: RequestContext
  ) async throws(ReadFailure) -> PostingsSelection {
    if context.charges.limitsBytes, case .mapped(let reader) = source {
      try MappedCharges(block: self, context: context).payPostings(matchers, in: reader.index)
    }
    return try await ask { (reader) throws(BlockError) in
      let selection = try reader.index.select(matchers)
      context.statistics.add(.postings) { amount in
        amount.touched += 1
        amount.touchedBytes += 4 * selection.ids.count
      }
      return selection
    } remote: { (block) async throws(RemoteBlockError) in
      try await block.select(
        matchers, budget: BlockCharges(id, context), tenant: context.tenant)
    }
  }
}
