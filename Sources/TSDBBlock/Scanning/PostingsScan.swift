/// Reads and checks postings lists one behind the other.
struct PostingsScan: Sendable {
  private let context: ScanContext
  private let series: ScannedSeriesList
  private(set) var log = FindingLog()
  /// The bytes of the lists, from the first to the last in the file.
  private(set) var range: Range<Int>?
  /// Lists that could be read.
  private(set) var count = 0
  private(set) var isIntact = true
  /// Entries of lists of labels.
  private(set) var pairCount = 0
  /// Whether the list of all series is there.
  private(set) var hasAll = false
  private var ids: [UInt32] = []

  init(_ context: ScanContext, _ series: ScannedSeriesList) {
    self.context = context
    self.series = series
  }

  /// Adds what was found in the lists behind these.
  mutating func append(_ other: PostingsScan) {
    log.append(other.log)
    if let range = other.range { note(range) }
    count += other.count
    isIntact = isIntact && other.isIntact
    pairCount += other.pairCount
    hasAll = hasAll || other.hasAll
  }

  mutating func check(_ entries: ArraySlice<BlockScanner.TableEntry>) {
    let index = context.index
    let bytes = index.bytes
    for entry in entries {
      do throws(BlockError) {
        try readList(bytes, entry.list)
        count += 1
        checkOrder(entry)
        if entry.isAll {
          hasAll = true
          checkReferences(entry)
          checkAll(entry)
        } else {
          pairCount += ids.count
          checkLabels(bytes, entry)
        }
      } catch {
        isIntact = false
        log.report(
          .postingsList, ScanContext.indexPath, error, suffix: " (list of \(describe(entry)))")
      }
    }
  }

  /// Replaces the ids by those of the list at `offset`.
  private mutating func readList(_ bytes: RawSpan, _ offset: UInt64) throws(BlockError) {
    let start = Int(clamping: offset)
    guard start % IndexFormat.postingsAlignment == 0 else {
      throw BlockError(
        .malformed, section: "postings", offset: start, detail: "is not at a multiple of 4")
    }
    let section = try IndexSection(in: bytes, at: start, name: "postings")
    note(start..<section.content.upperBound + 4)
    try section.verify(in: bytes, name: "postings")
    let count = try section.entryCount(in: bytes, entrySize: 4, name: "postings")
    ids.removeAll(keepingCapacity: true)
    PostingsList(start: section.content.lowerBound + 4, count: count).append(to: &ids, in: bytes)
  }

  private mutating func note(_ list: Range<Int>) {
    range =
      range.map {
        min($0.lowerBound, list.lowerBound)..<max($0.upperBound, list.upperBound)
      } ?? list
  }

  // MARK: Checks

  private mutating func checkOrder(_ entry: BlockScanner.TableEntry) {
    if ids.isEmpty, !entry.isAll {
      warn(.postingsEmpty, entry, "is empty")
    }
    guard let place = ids.indices.dropFirst().first(where: { ids[$0 - 1] >= ids[$0] }) else {
      return
    }
    report(.postingsOrder, entry, "is not sorted: \(ids[place]) stands behind \(ids[place - 1])")
  }

  private mutating func checkReferences(_ entry: BlockScanner.TableEntry) {
    for id in ids where series.find(id) == nil { reportMissing(id, entry) }
  }

  private mutating func checkAll(_ entry: BlockScanner.TableEntry) {
    guard series.damaged.isEmpty, ids.count != series.series.count else { return }
    log.report(
      .postingsMissing, ScanContext.indexPath, "postings", at: Int(clamping: entry.list),
      "the list of all series has \(ids.count), the index holds \(series.series.count)")
  }

  private mutating func checkLabels(_ bytes: RawSpan, _ entry: BlockScanner.TableEntry) {
    guard context.symbols.isIntact, context.symbols.isSorted else {
      return checkReferences(entry)
    }
    let wanted = reference(bytes, entry)
    // Most series of a list have its label at the same place.
    var place = 0
    for id in ids {
      guard let position = series.find(id) else {
        reportMissing(id, entry)
        continue
      }
      let range = series.series[position].labels
      let likely = range.lowerBound &+ place
      if likely < range.upperBound, series.labels[likely] == wanted { continue }
      if let found = range.first(where: { series.labels[$0] == wanted }) {
        place = found - range.lowerBound
        continue
      }
      report(
        .postingsReference, entry,
        "names series \(id), which is \(context.describe(series.labels[range]))")
    }
  }

  /// The label of a table entry as references; nil, which fits no label, when there is none.
  private func reference(
    _ bytes: RawSpan, _ entry: BlockScanner.TableEntry
  ) -> LabelReference? {
    if let first = ids.first, let position = series.find(first),
      let label = series.labels[series.series[position].labels].first(where: {
        isSpelt($0, as: entry, bytes)
      })
    {
      return label
    }
    guard let name = context.symbols.ordinal(of: bytes.extracting(entry.name), in: bytes),
      let value = context.symbols.ordinal(of: bytes.extracting(entry.value), in: bytes),
      let nameReference = context.symbols.reference(to: name, version: context.version),
      let valueReference = context.symbols.reference(to: value, version: context.version)
    else { return nil }
    return LabelReference(name: nameReference, value: valueReference)
  }

  private func isSpelt(
    _ label: LabelReference, as entry: BlockScanner.TableEntry, _ bytes: RawSpan
  ) -> Bool {
    guard let name = context.ordinal(of: label.name),
      context.symbols.ranges[name].count == entry.name.count,
      ByteOrder.compare(
        bytes.extracting(context.symbols.ranges[name]), bytes.extracting(entry.name)) == 0,
      let value = context.ordinal(of: label.value)
    else { return false }
    return ByteOrder.compare(
      bytes.extracting(context.symbols.ranges[value]), bytes.extracting(entry.value)) == 0
  }

  // MARK: Words

  private mutating func reportMissing(_ id: UInt32, _ entry: BlockScanner.TableEntry) {
    if series.isDamaged(Int(id) * context.seriesUnit) { return }
    report(.postingsReference, entry, "names series \(id), which does not exist")
  }

  private mutating func report(
    _ code: BlockScan.Finding.Code, _ entry: BlockScanner.TableEntry, _ what: String
  ) {
    log.report(
      code, ScanContext.indexPath, "postings", at: Int(clamping: entry.list),
      "the list of \(describe(entry)) \(what)")
  }

  private mutating func warn(
    _ code: BlockScan.Finding.Code, _ entry: BlockScanner.TableEntry, _ what: String
  ) {
    log.warn(
      code, ScanContext.indexPath, "postings", at: Int(clamping: entry.list),
      "the list of \(describe(entry)) \(what)")
  }

  private func describe(_ entry: BlockScanner.TableEntry) -> String {
    let bytes = context.index.bytes
    return entry.isAll
      ? "all series"
      : LabelText.name([UInt8](bytes.extracting(entry.name))) + "="
        + LabelText.quoted([UInt8](bytes.extracting(entry.value)))
  }
}
