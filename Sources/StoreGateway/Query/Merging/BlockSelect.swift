internal import RemoteBlocks
internal import TSDBBlock

/// Finding the series of a block that match.
extension LoadedBlock {
  /// Ids in the order of the series' labels inside the block, and conditions that are left to be
  /// tested on the series.
  ///
  /// - Throws: `refused` when a limit does not allow it; nothing was read then from a bucket.
  func select(
    _ matchers: [LabelMatcher], _ context: RequestContext
  ) async throws(ReadFailure) -> PostingsSelection {
    switch source {
    case .mapped(let reader):
      if context.charges.limitsBytes {
        try MappedCharges(block: self, context: context).payPostings(matchers, in: reader.index)
      }
      do throws(BlockError) {
        let selection = try reader.index.select(matchers)
        context.statistics.add(.postings) { amount in
          amount.touched += 1
          amount.touchedBytes += 4 * selection.ids.count
        }
        return selection
      } catch {
        throw .damaged(error)
      }
    case .remote(let block):
      do throws(RemoteBlockError) {
        return try await block.select(
          matchers, budget: BlockCharges(id, context), tenant: context.tenant)
      } catch {
        throw ReadFailure(error)
      }
    }
  }
}
