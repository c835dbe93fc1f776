internal import StoreAPI
internal import TSDBBlock

/// Names and values found by looking at every series of a block that matches.
enum SeriesLabels {
  private static let windowSeries = 1024
  /// Memory of a string in a set, beside its bytes.
  private static let stringOverhead = 64

  /// The names that matching series have.
  static func names(
    of block: LoadedBlock, _ matchers: [LabelMatcher], _ plan: ReadPlan,
    _ context: RequestContext, _ log: inout QueryLog
  ) async throws -> SortedStrings {
    var found: Set<[UInt8]> = []
    // Most series have the names of the one before.
    var last: [[UInt8]] = []
    try await forEachWindow(of: block, matchers, plan, context, &log) { window, grown in
      let bytes = window.labels
      for index in 0..<window.count {
        let labels = bytes.rawSpan.extracting(window.labelRange(at: index))
        var reader = WireLabels.Reader(labels)
        var position = 0
        while let label = reader.next() {
          let name = labels.extracting(label.name)
          defer { position += 1 }
          if position < last.count {
            let known = last[position]
            if ByteOrder.equal(known.rawSpan, name) { continue }
          }
          last.removeSubrange(position...)
          last.append([UInt8](name))
          if found.insert(last[position]).inserted { grown += name.byteCount + stringOverhead }
        }
      }
      return true
    }
    return SortedStrings(found)
  }

  /// The values that matching series have for the label `name`.
  ///
  /// - Parameter isExternal: Whether every series of the block has the same value.
  static func values(
    of name: [UInt8], isExternal: Bool, in block: LoadedBlock, _ matchers: [LabelMatcher],
    _ plan: ReadPlan, _ context: RequestContext, _ log: inout QueryLog
  ) async throws -> SortedStrings {
    var found: Set<[UInt8]> = []
    var last: [UInt8] = []
    try await forEachWindow(of: block, matchers, plan, context, &log) { window, grown in
      let bytes = window.labels
      for index in 0..<window.count {
        let labels = bytes.rawSpan.extracting(window.labelRange(at: index))
        var reader = WireLabels.Reader(labels)
        while let label = reader.next() {
          guard ByteOrder.equal(name.rawSpan, labels.extracting(label.name)) else { continue }
          let value = labels.extracting(label.value)
          if ByteOrder.equal(last.rawSpan, value) { break }
          last = [UInt8](value)
          if found.insert(last).inserted { grown += value.byteCount + stringOverhead }
          break
        }
        if isExternal { return false }
      }
      return true
    }
    return SortedStrings(found)
  }

  /// Calls `body` with the labels of all matching series until it returns false. What it keeps it
  /// adds to its second argument; it is paid for until the last window is done.
  private static func forEachWindow(
    of block: LoadedBlock, _ matchers: [LabelMatcher], _ plan: ReadPlan,
    _ context: RequestContext, _ log: inout QueryLog,
    _ body: (borrowing SeriesWindow, inout Int) -> Bool
  ) async throws {
    guard
      let (decoder, ids) = try await OpenedBlock.select(
        block, matchers, plan: plan, context: context, log: &log)
    else { return }
    var paid = 0
    defer { context.memory.release(paid) }
    var rest = ids[...]
    while !rest.isEmpty {
      try Task.checkCancellation()
      var decoded = try await decoder.decode(rest.prefix(windowSeries))
      log.take(&decoded)
      rest = decoded.endsBlock ? [] : rest.dropFirst(decoded.consumed)
      var grown = 0
      let goesOn = body(decoded.window, &grown)
      try context.memory.need(grown)
      paid += grown
      guard goesOn else { return }
    }
  }
}
