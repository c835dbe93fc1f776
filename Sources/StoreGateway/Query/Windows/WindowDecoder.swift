internal import RemoteBlocks
internal import StoreAPI
internal import TSDBBlock

/// Turns series ids of one block into windows: labels, and chunks unless nobody wants them.
///
///     ids ─► entries ─► matchers left over, deletions, time ─► final labels ─► shard ─► chunks
///
/// Windows do not depend on each other, so several can be made at once. The entries and chunks of a
/// block that is far away are fetched for each window.
final class WindowDecoder: Sendable {
  let block: LoadedBlock
  private let plan: ReadPlan
  private let context: RequestContext
  private let matchers: [LabelMatcher]
  private let series: SeriesDecoder
  /// Whether series are read a second time, which the request has paid for.
  private let isPaid: Bool

  /// - Parameters:
  ///   - matchers: All conditions on series of the block.
  ///   - remaining: Those that postings left open.
  init(
    _ block: LoadedBlock, plan: ReadPlan, context: RequestContext, matchers: [LabelMatcher],
    remaining: [LabelMatcher]
  ) async throws(ReadFailure) {
    self.block = block
    self.plan = plan
    self.context = context
    self.matchers = matchers
    isPaid = false
    series = try await SeriesDecoder(
      block, plan: plan, windows: context.windows, remaining: remaining)
  }

  /// Decodes series once more that `other` found to match, and has counted.
  init(tested other: WindowDecoder) {
    block = other.block
    plan = other.plan
    context = other.context
    matchers = other.matchers
    isPaid = true
    series = SeriesDecoder(tested: other.series)
  }

  /// Decodes series until `ids` end or the window is full.
  ///
  /// - Parameter withChunks: False to leave chunks out that the plan wants.
  /// - Throws: ``QueryError`` when damage or a limit ends the query.
  func decode(
    _ ids: ArraySlice<UInt32>, withChunks: Bool = true
  ) async throws(QueryError) -> DecodedWindow {
    let loader = withChunks ? plan.loader : nil
    var result = DecodedWindow(damage: DamageLog(aborts: plan.abortsAtDamage))
    do throws(ReadFailure) {
      let charges = BlockCharges(block.id, context, seriesArePaid: isPaid)
      try await decodeSeries(ids, keepsSpans: loader != nil, charges, into: &result)
      if let loader {
        try loader.load(
          &result, from: try await segments(result.window.spans, charges), of: block.id,
          filter: plan.filter, charges: charges)
        result.charges = charges
      }
    } catch {
      // What cannot be had is not tried series by series.
      if result.consumed == 0 { result.consumed = ids.count }
      result.window.endAllChunks()
      result.endsBlock = error.endsBlock
      try result.damage.note(error, in: block.id)
    }
    return result
  }

  /// The series of the block that match all conditions, after all of them were looked at.
  func remember(_ matched: [UInt32]) {
    guard series.hasTests, case .remote(let remote) = block.source else { return }
    remote.storeExpanded(matched, for: matchers, tenant: context.tenant)
  }

  // MARK: Sources

  private func decodeSeries(
    _ ids: ArraySlice<UInt32>, keepsSpans: Bool, _ charges: BlockCharges,
    into result: inout DecodedWindow
  ) async throws(ReadFailure) {
    switch block.source {
    case .mapped(let reader):
      let part = FetchedPart(slice: reader.index.file, fileOffset: 0)
      try series.decode(ids, in: [part], keepsSpans: keepsSpans, into: &result)
      let (count, byteCount) = (result.decoded, result.decodedBytes)
      context.statistics.add(.series) { amount in
        amount.touched += count
        amount.touchedBytes += byteCount
      }
    case .remote(let remote):
      let parts: [FetchedPart]
      do throws(RemoteBlockError) {
        parts = try await remote.seriesParts(ids, budget: charges, tenant: context.tenant)
      } catch {
        throw ReadFailure(error)
      }
      try series.decode(ids, in: parts, keepsSpans: keepsSpans, into: &result)
      remote.noteOverfetched(bytes: result.decodedBytes - result.matchedBytes)
    }
    let (matched, chunkCount) = (result.matched, result.window.spans.count)
    try ReadFailure.ending { () throws(QueryError) in
      if series.hasTests { try context.charges.addSeries(matched, of: block.id) }
      if keepsSpans { try context.charges.addChunks(chunkCount, of: block.id) }
    }
  }

  private func segments(
    _ spans: [ChunkSpan], _ charges: BlockCharges
  ) async throws(ReadFailure) -> SegmentSource {
    switch block.source {
    case .mapped(let reader):
      if context.charges.limitsBytes {
        try MappedCharges(block: block, context: context).payChunks(spans)
      }
      context.statistics.add(.chunks) { $0.touched += spans.count }
      do throws(BlockError) {
        return .mapped(try reader.chunks)
      } catch {
        throw .damaged(error)
      }
    case .remote(let remote):
      do throws(RemoteBlockError) {
        return .fetched(
          try await remote.chunkParts(
            spans.map(\.location), budget: charges, tenant: context.tenant))
      } catch {
        throw ReadFailure(error)
      }
    }
  }
}
