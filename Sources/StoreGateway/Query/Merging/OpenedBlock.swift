internal import StoreAPI
internal import TSDBBlock

/// A block whose series a query has selected, with its first window.
struct OpenedBlock: Sendable {
  let decoder: WindowDecoder
  let ids: [UInt32]
  /// Whether the ids are all that match, in the order of the series' labels inside the block; else
  /// they are those that the query wants, in final order.
  let areInBlockOrder: Bool
  /// Whether external labels can change the order of neighbours.
  let needsHoldBack: Bool
  /// The first of the ids, decoded: what is far away is fetched for all blocks at once.
  let first: DecodedWindow

  /// Selects the series of a block.
  ///
  /// Where labels inside the block collide with external or removed ones, the order of the index
  /// says nothing about the final one: then labels, without chunks, are sorted here.
  ///
  /// - Returns: Nil when there are none, or when they cannot be found, which is noted.
  static func open(
    _ block: LoadedBlock, selecting matchers: [LabelMatcher], plan: ReadPlan,
    context: RequestContext, log: inout QueryLog
  ) async throws -> OpenedBlock? {
    guard
      let (decoder, ids) = try await select(
        block, matchers, plan: plan, context: context, log: &log)
    else { return nil }
    let firstSize = WindowPipeline.firstSize(limit: plan.seriesLimit)
    let breaksOrder: Bool
    do throws(ReadFailure) {
      breaksOrder = try await block.hasLabel(
        namedIn: plan.removedNames.union(block.externalLabels.map(\.name)))
    } catch {
      try log.damage.note(error, in: block.id)
      return nil
    }
    guard breaksOrder else {
      return OpenedBlock(
        decoder: decoder, ids: ids, areInBlockOrder: true,
        needsHoldBack: !block.externalLabels.isEmpty,
        first: try await decoder.decode(ids.prefix(firstSize)))
    }
    let ordered = try await decoder.sorted(ids, memory: context.memory, &log)
    let plain = WindowDecoder(tested: decoder)
    return OpenedBlock(
      decoder: plain, ids: ordered, areInBlockOrder: false, needsHoldBack: false,
      first: try await plain.decode(ordered.prefix(firstSize)))
  }

  /// Finds the series of a block that match, in the order of their labels inside it, and what
  /// decodes them.
  ///
  /// - Returns: Nil when there are none, or when they cannot be found, which is noted.
  static func select(
    _ block: LoadedBlock, _ matchers: [LabelMatcher], plan: ReadPlan, context: RequestContext,
    log: inout QueryLog
  ) async throws -> (decoder: WindowDecoder, ids: [UInt32])? {
    do throws(ReadFailure) {
      let selection = try await block.select(matchers, context)
      guard !selection.ids.isEmpty else { return nil }
      try context.admit(selection, limit: plan.seriesLimit, of: block)
      let decoder = try await WindowDecoder(
        block, plan: plan, context: context, matchers: matchers, remaining: selection.remaining)
      return (decoder, selection.ids)
    } catch {
      try log.damage.note(error, in: block.id)
      return nil
    }
  }
}

extension RequestContext {
  /// Takes memory for the ids of a block, and counts the series unless conditions are left.
  ///
  /// - Parameter limit: How many of them are wanted at most.
  fileprivate func admit(
    _ selection: PostingsSelection, limit: Int?, of block: LoadedBlock
  ) throws(ReadFailure) {
    try ReadFailure.ending { () throws(QueryError) in
      try memory.need(4 * selection.ids.count)
      if selection.remaining.isEmpty {
        try charges.addSeries(min(selection.ids.count, limit ?? .max), of: block.id)
      }
    }
    guard charges.limitsBytes, case .mapped(let reader) = block.source else { return }
    try MappedCharges(block: block, context: self).paySeries(selection.ids, in: reader.index)
  }
}

extension WindowDecoder {
  /// The ids that the query wants, in the order of their final labels.
  fileprivate func sorted(
    _ ids: [UInt32], memory: MemoryBudget.Reservation, _ log: inout QueryLog
  ) async throws -> [UInt32] {
    var all = SeriesWindow()
    var charged = 0
    var matched: [UInt32]? = []
    defer { memory.release(charged) }
    var rest = ids[...]
    while !rest.isEmpty {
      try Task.checkCancellation()
      var decoded = try await decode(rest.prefix(4096), withChunks: false)
      if decoded.damage.isEmpty {
        matched?.append(contentsOf: decoded.matchedIDs)
      } else {
        matched = nil
      }
      log.take(&decoded)
      rest = decoded.endsBlock ? [] : rest.dropFirst(decoded.consumed)
      for index in 0..<decoded.window.count { all.append(index, of: decoded.window) }
      let grown = all.byteCount
      if grown > charged {
        try memory.need(grown - charged)
        charged = grown
      }
    }
    if let matched { remember(matched) }
    let window = all
    let order = (0..<window.count).sorted { left, right in
      let order = SeriesWindow.compare(window, left, window, right)
      return order != 0 ? order < 0 : left < right
    }
    return order.map { window.ids[$0] }
  }
}
