/// Reads and checks some series entries one behind the other, and their chunks.
///
/// Slices of a window are read on several threads; appended in their order they are what one would
/// have found that read all.
struct SeriesScan: Sendable {
  let context: ScanContext
  var log = FindingLog()
  var contents = BlockScan.Contents()
  var extents = ScannedExtents()
  private(set) var series: [ScannedSeries] = []
  private(set) var labels: [LabelReference] = []
  private(set) var damaged: [Range<Int>] = []
  /// Entries read.
  private(set) var readCount = 0
  /// Whether an entry was met that has no right checksum.
  private(set) var isStopped = false

  private var chunks: [ChunkSpan] = []
  /// Whether all labels of the last series are in the symbol table.
  private var isResolved = false
  typealias FoundChunk = (chunk: ChunkSpan, record: ChunkRecord)
  // Reused for every series and chunk.
  var found: [FoundChunk] = []
  var columns = SampleColumns()
  var histograms = HistogramColumns()

  init(_ context: ScanContext) { self.context = context }

  /// - Parameters:
  ///   - offsets: of the window's entries.
  ///   - range: those to read.
  ///   - previous: labels of the last readable series before the window.
  mutating func read(
    _ offsets: [Int], _ range: Range<Int>, before end: Int, previous: [LabelReference]?
  ) {
    let index = context.index
    let bytes = index.bytes
    var previous = lastLabels(offsets[..<range.lowerBound], before: end) ?? previous
    for offset in offsets[range] {
      guard let body = context.entry(at: offset, before: end) else {
        isStopped = true
        break
      }
      let count = series.count
      read(bytes, at: offset, body, previous)
      readCount += 1
      if series.count > count { previous = nil }
    }
  }

  /// The labels of the last readable series at `offsets`.
  private func lastLabels(
    _ offsets: ArraySlice<Int>, before end: Int
  ) -> [LabelReference]? {
    for offset in offsets.reversed() {
      var labels: [LabelReference] = []
      var chunks: [ChunkSpan] = []
      guard let body = context.entry(at: offset, before: end),
        (try? SeriesEntry.decode(
          context.index.bytes.extracting(body), labels: &labels, chunks: &chunks)) != nil
      else { continue }
      return labels
    }
    return nil
  }

  private mutating func read(
    _ bytes: RawSpan, at offset: Int, _ body: Range<Int>, _ previous: [LabelReference]?
  ) {
    let first = labels.count
    chunks.removeAll(keepingCapacity: true)
    do {
      try SeriesEntry.decode(bytes.extracting(body), labels: &labels, chunks: &chunks)
    } catch {
      labels.removeLast(labels.count - first)
      damaged.append(offset..<body.upperBound)
      log.report(
        .seriesEntry, ScanContext.indexPath,
        .decoding(error, section: "series", offset: offset))
      return
    }
    guard let id = UInt32(exactly: offset / context.seriesUnit) else {
      labels.removeLast(labels.count - first)
      return
    }
    let entry = ScannedSeries(
      id: id, labels: first..<labels.count,
      covered: (chunks.last?.maxTime ?? 0) &- (chunks.first?.minTime ?? 0))
    let wasResolved = isResolved && previous == nil
    isResolved = checkLabels(bytes, entry, at: offset)
    checkOrder(entry, at: offset, previous, areResolved: wasResolved && isResolved)
    series.append(entry)
    checkChunks(entry, at: offset, chunks)
  }

  // MARK: Labels

  /// - Returns: whether all are in the symbol table.
  private mutating func checkLabels(
    _ bytes: RawSpan, _ entry: ScannedSeries, at offset: Int
  ) -> Bool {
    if entry.labels.isEmpty {
      log.report(.seriesLabels, ScanContext.indexPath, "series", at: offset, "has no labels")
    }
    var isResolved = true
    var previous: Int?
    for position in entry.labels {
      let label = labels[position]
      guard let name = context.ordinal(of: label.name),
        let value = context.ordinal(of: label.value)
      else {
        log.report(
          .seriesLabels, ScanContext.indexPath, "series", at: offset,
          "uses a symbol that the table does not have")
        isResolved = false
        previous = nil
        continue
      }
      if context.symbols.empty.contains(value) {
        log.warn(
          .labelsEmptyValue, ScanContext.indexPath, "series", at: offset,
          "has a label with an empty value, which means that the label is absent")
      }
      if let previous { checkNames(bytes, previous, name, at: offset) }
      previous = name
    }
    return isResolved
  }

  private mutating func checkNames(_ bytes: RawSpan, _ left: Int, _ right: Int, at offset: Int) {
    guard context.symbols.isIntact, !context.symbols.isSorted || left >= right else { return }
    let ranges = context.symbols.ranges
    let order = ByteOrder.compare(bytes.extracting(ranges[left]), bytes.extracting(ranges[right]))
    guard order >= 0 else { return }
    log.report(
      .labelsOrder, ScanContext.indexPath, "series", at: offset,
      order == 0 ? "has a label name twice" : "has labels that are not sorted by name")
  }

  /// - Parameter previous: labels of the series before; nil for those of the last one here.
  private mutating func checkOrder(
    _ entry: ScannedSeries, at offset: Int, _ previous: [LabelReference]?,
    areResolved: Bool
  ) {
    guard context.symbols.isIntact else { return }
    // References sort as what they refer to.
    if areResolved, context.symbols.isSorted, let last = series.last,
      precedes(last.labels, entry.labels)
    {
      return
    }
    guard let last = previous?[...] ?? series.last.map({ labels[$0.labels] }),
      let order = context.compare(last, labels[entry.labels]), order >= 0
    else { return }
    if order == 0 {
      log.report(
        .seriesDuplicate, ScanContext.indexPath, "series", at: offset,
        "has the same labels as the series before it: \(describe(entry))")
    } else {
      log.report(
        .seriesOrder, ScanContext.indexPath, "series", at: offset,
        "does not sort behind the series before it: \(describe(entry))")
    }
  }

  private func precedes(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
    for index in 0..<min(left.count, right.count) {
      let (l, r) = (labels[left.lowerBound + index], labels[right.lowerBound + index])
      if l.name != r.name { return l.name < r.name }
      if l.value != r.value { return l.value < r.value }
    }
    return left.count < right.count
  }

  func describe(_ entry: ScannedSeries) -> String { context.describe(labels[entry.labels]) }
}
