/// Which names and values the series of a block have, all of them or those that match.
///
/// With matchers there are two ways to the values of a label, and the cheaper one is taken: read
/// the labels of every matching series, or see which values' lists meet the matching series.
extension IndexReader {
  /// What an entry of a list costs beside a series that is read and tested.
  private static let entriesPerSeries = 16
  private static let costPerList = 4

  /// The names that series matching all of `matchers` have, sorted by bytes.
  ///
  /// - Throws: ``BlockError`` when a list or a series that is needed is damaged.
  /// - Complexity: O(names) without matchers, else O(matching series).
  public func labelNames(matching matchers: [LabelMatcher]) throws(BlockError) -> [[UInt8]] {
    guard !matchers.isEmpty else { return try labelNames() }
    var found: Set<UInt32> = []
    var last: [UInt32] = []
    try forEachSeries(of: try select(matchers)) { labels in
      // Most series have the names of the one before.
      for (position, label) in labels.enumerated() {
        if position < last.count, last[position] == label.name { continue }
        last.removeSubrange(min(position, last.count)...)
        last.append(label.name)
        found.insert(label.name)
      }
    }
    return try sortedSymbols(found)
  }

  /// The values that series matching all of `matchers` have for the label `name`, sorted by bytes.
  ///
  /// - Throws: ``BlockError`` when a list or a series that is needed is damaged.
  /// - Complexity: O(values) when all matchers are on the label itself; else O(matching series) or
  ///   O(entries of the label's lists), whichever is less.
  public func labelValues(
    of name: [UInt8], matching matchers: [LabelMatcher]
  ) throws(BlockError) -> [[UInt8]] {
    let values = try valueLists(of: name) { (value) in
      matchers.allSatisfy { $0.name != name || $0.matches(value) }
    }
    let isDecided = matchers.allSatisfy { $0.name == name }
    guard !isDecided, !values.isEmpty else { return values.map(\.value) }
    let selection = try select(matchers)
    var cost = Self.costPerList * values.count
    for value in values { cost += cardinality(at: value.list) }
    if !selection.remaining.isEmpty || cost / Self.entriesPerSeries > selection.ids.count {
      return try labelValues(of: name, in: selection)
    }
    var found: [[UInt8]] = []
    let file = file
    for (value, offset) in values {
      do {
        let list = try postingsList(at: offset)
        if PostingsAlgebra.meets(selection.ids, list, in: file.bytes) { found.append(value) }
      } catch {
        throw error.inFile(path)
      }
    }
    return found
  }

  /// How many series have each value of a label, in the order of the values.
  ///
  /// - Throws: ``BlockError`` when the table of lists is damaged. The lists are not verified: of a
  ///   damaged one the number is wrong.
  /// - Complexity: O(values); of each list only the head is read.
  public func seriesCounts(
    of name: [UInt8]
  ) throws(BlockError) -> [(value: [UInt8], series: Int)] {
    try valueLists(of: name) { _ in true }.map { ($0.value, max(0, cardinality(at: $0.list))) }
  }

  // MARK: Parts

  private func valueLists(
    of name: [UInt8], where isWanted: (RawSpan) -> Bool
  ) throws(BlockError) -> [(value: [UInt8], list: UInt64)] {
    let table = try postingsOffsets
    let file = file
    let bytes = file.bytes
    var lists: [(value: [UInt8], list: UInt64)] = []
    do {
      try table.forEachValue(of: name) { (value, offset) throws(BlockError) in
        let text = bytes.extracting(value)
        if isWanted(text) { lists.append(([UInt8](text), offset)) }
        return true
      }
    } catch {
      throw error.inFile(path)
    }
    return lists
  }

  private func labelValues(
    of name: [UInt8], in selection: PostingsSelection
  ) throws(BlockError) -> [[UInt8]] {
    let symbols = try symbols
    var reference: UInt32?
    var last: UInt32?
    var found: Set<UInt32> = []
    var otherNames: Set<UInt32> = []
    try forEachSeries(of: selection) { (labels) throws(BlockError) in
      for label in labels where !otherNames.contains(label.name) {
        if label.name != reference {
          guard try symbols.bytes(of: label.name) == name else {
            otherNames.insert(label.name)
            continue
          }
          reference = label.name
        }
        if label.value != last { found.insert(label.value) }
        last = label.value
        break
      }
    }
    return try sortedSymbols(found)
  }

  private func forEachSeries(
    of selection: PostingsSelection, _ body: ([LabelReference]) throws(BlockError) -> Void
  ) throws(BlockError) {
    let symbols = try symbols
    var tests = selection.remaining.map { SeriesTest($0, symbols: symbols) }
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    series: for id in selection.ids {
      labels.removeAll(keepingCapacity: true)
      chunks.removeAll(keepingCapacity: true)
      try appendSeries(id, labels: &labels, chunks: &chunks)
      for index in tests.indices {
        guard try tests[index].accepts(labels) else { continue series }
      }
      try body(labels)
    }
  }

  private func sortedSymbols(_ references: Set<UInt32>) throws(BlockError) -> [[UInt8]] {
    let symbols = try symbols
    var texts: [[UInt8]] = []
    for reference in references {
      do { texts.append(try symbols.bytes(of: reference)) } catch { throw error.inFile(path) }
    }
    return texts.sorted(by: ByteOrder.precedes)
  }
}
