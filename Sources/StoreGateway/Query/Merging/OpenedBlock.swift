internal import StoreAPI
internal import TSDBBlock

/// A block whose series a query has selected.
struct OpenedBlock: Sendable {
  let decoder: WindowDecoder
  /// In the order of the series' labels inside the block, or in final order.
  let ids: [UInt32]
  /// Whether external labels can change the order of neighbours.
  let needsHoldBack: Bool

  /// Selects the series of a block.
  ///
  /// Where labels inside the block collide with external or removed ones, the order of the index
  /// says nothing about the final one: then labels, without chunks, are sorted here.
  ///
  /// - Returns: Nil when the block is too damaged to find any series in it, which is noted, or
  ///   when it has none.
  static func open(
    _ block: LoadedBlock, selecting matchers: [LabelMatcher], plan: ReadPlan,
    context: RequestContext, log: inout QueryLog
  ) async throws -> OpenedBlock? {
    guard
      let (decoder, ids) = try await select(
        block, matchers, plan: plan, context: context, log: &log)
    else {
      return nil
    }
    let breaksOrder: Bool
    do throws(BlockError) {
      breaksOrder = try block.hasLabel(
        namedIn: plan.removedNames.union(block.externalLabels.map(\.name)))
    } catch {
      try log.damage.note(error, in: block.id)
      return nil
    }
    guard breaksOrder else {
      return OpenedBlock(
        decoder: decoder, ids: ids, needsHoldBack: !block.externalLabels.isEmpty)
    }
    return OpenedBlock(
      decoder: decoder, ids: try await decoder.sorted(ids, memory: context.memory, &log),
      needsHoldBack: false)
  }

  /// Finds the series of a block that match, in the order of their labels inside it, and what
  /// decodes them.
  ///
  /// - Returns: Nil when there are none, or when the block is too damaged to find them, which is
  ///   noted.
  static func select(
    _ block: LoadedBlock, _ matchers: [LabelMatcher], plan: ReadPlan, context: RequestContext,
    log: inout QueryLog
  ) async throws -> (decoder: WindowDecoder, ids: [UInt32])? {
    let selection: PostingsSelection
    let decoder: WindowDecoder
    do throws(BlockError) {
      selection = try block.index.select(matchers)
      guard !selection.ids.isEmpty else { return nil }
      decoder = try WindowDecoder(
        block, plan: plan, context: context, remaining: selection.remaining)
    } catch {
      try log.damage.note(error, in: block.id)
      return nil
    }
    try context.memory.need(4 * selection.ids.count)
    if selection.remaining.isEmpty {
      try context.charges.addSeries(selection.ids.count, of: block.id)
    }
    return (decoder, selection.ids)
  }
}

extension WindowDecoder {
  /// The ids that the query wants, in the order of their final labels.
  fileprivate func sorted(
    _ ids: [UInt32], memory: MemoryBudget.Reservation, _ log: inout QueryLog
  ) async throws -> [UInt32] {
    var all = SeriesWindow()
    var charged = 0
    defer { memory.release(charged) }
    var rest = ids[...]
    while !rest.isEmpty {
      var decoded = try await decode(rest.prefix(4096), withChunks: false)
      log.take(&decoded)
      rest = rest.dropFirst(decoded.consumed)
      for index in 0..<decoded.window.count { all.append(index, of: decoded.window) }
      let grown = all.byteCount
      if grown > charged {
        try memory.need(grown - charged)
        charged = grown
      }
    }
    let window = all
    let order = (0..<window.count).sorted { left, right in
      let order = SeriesWindow.compare(window, left, window, right)
      return order != 0 ? order < 0 : left < right
    }
    return order.map { window.ids[$0] }
  }
}
