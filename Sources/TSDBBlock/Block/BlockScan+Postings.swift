/// The postings: the offset table, every list, and whether together they say what the series say.
extension BlockScanner {
  private struct TableEntry {
    var name: Range<Int>
    var value: Range<Int>
    var list: UInt64
  }

  mutating func scanPostings(_ file: ByteSlice) {
    guard let toc = tableOfContents else { return }
    let bytes = file.bytes
    let section: IndexSection
    do throws(BlockError) {
      section = try IndexSection(
        in: bytes, at: toc.postingsOffsetTable, name: PostingsOffsetTable.section)
    } catch {
      scan.report(.postingsTable, Self.indexPath, error)
      return
    }
    let entries = readTable(bytes, section)
    let lists = checkLists(bytes, entries ?? [])
    scan.contents.postingsLists = entries?.count ?? 0
    addSection(
      "postings offset table", toc.postingsOffsetTable..<section.content.upperBound + 4,
      entries: entries?.count, entries == nil ? .damaged : .ok)
    if let range = lists.range {
      addSection("postings", range, entries: lists.count, lists.isIntact ? .ok : .damaged)
    }
  }

  // MARK: Table

  /// The entries, nil when the table is damaged.
  private mutating func readTable(_ bytes: RawSpan, _ section: IndexSection) -> [TableEntry]? {
    let name = PostingsOffsetTable.section
    let base = section.content.lowerBound
    do throws(BlockError) {
      try section.verify(in: bytes, name: name)
    } catch {
      scan.report(.postingsTable, Self.indexPath, error)
      return nil
    }
    var cursor = ByteDecoder(bytes.extracting(section.content))
    var entries: [TableEntry] = []
    do throws(DecodeError) {
      let count = try cursor.uint32()
      for _ in 0..<Int(count) {
        let start = base + cursor.position
        guard try cursor.uint8() == IndexFormat.offsetTableKeyCount else { throw .malformed }
        let name = try cursor.lengthPrefixed()
        let value = try cursor.lengthPrefixed()
        let entry = TableEntry(
          name: base + name.lowerBound..<base + name.upperBound,
          value: base + value.lowerBound..<base + value.upperBound,
          list: try cursor.uvarint())
        if version != 1, let last = entries.last, !precedes(bytes, last, entry) {
          scan.report(
            .postingsTableOrder, Self.indexPath, PostingsOffsetTable.section, at: start,
            "an entry does not sort behind the one before it; look-ups miss some")
        }
        entries.append(entry)
      }
      return entries
    } catch {
      scan.report(
        .postingsTable, Self.indexPath,
        .decoding(error, section: name, offset: base + cursor.position))
      return nil
    }
  }

  private func precedes(_ bytes: RawSpan, _ left: TableEntry, _ right: TableEntry) -> Bool {
    let order = ByteOrder.compare(bytes.extracting(left.name), bytes.extracting(right.name))
    guard order == 0 else { return order < 0 }
    return ByteOrder.compare(bytes.extracting(left.value), bytes.extracting(right.value)) < 0
  }

  // MARK: Lists

  private struct Lists {
    var range: Range<Int>?
    var count = 0
    var isIntact = true
  }

  private mutating func checkLists(_ bytes: RawSpan, _ entries: [TableEntry]) -> Lists {
    var lists = Lists()
    // Entries of good lists; complete when as many as the series have labels, and the series.
    var pairs = 0
    var hasAll = false
    for entry in entries {
      let label = describe(bytes, entry)
      do throws(BlockError) {
        let ids = try readList(bytes, entry.list, &lists)
        lists.count += 1
        let isAll = entry.name.isEmpty && entry.value.isEmpty
        hasAll = hasAll || isAll
        checkList(bytes, entry, ids, isAll: isAll, label)
        if isAll {
          checkAll(ids, offset: Int(clamping: entry.list))
        } else {
          pairs += ids.count
        }
      } catch {
        lists.isIntact = false
        scan.report(.postingsList, Self.indexPath, error, suffix: " (list of \(label))")
      }
    }
    guard !entries.isEmpty || scan.contents.series > 0, lists.isIntact, damagedSeries.isEmpty
    else { return lists }
    if !hasAll {
      scan.report(
        .postingsMissing, Self.indexPath, "postings",
        "the list of all series is missing; selectors without = find nothing")
    }
    if pairs < labels.count {
      scan.report(
        .postingsMissing, Self.indexPath, "postings",
        "the lists name \(pairs) series, the series have \(labels.count) labels; "
          + "selectors miss some series")
    }
    return lists
  }

  private func readList(
    _ bytes: RawSpan, _ offset: UInt64, _ lists: inout Lists
  ) throws(BlockError) -> [UInt32] {
    let start = Int(clamping: offset)
    guard start % IndexFormat.postingsAlignment == 0 else {
      throw BlockError(
        .malformed, section: "postings", offset: start, detail: "is not at a multiple of 4")
    }
    let section = try IndexSection(in: bytes, at: start, name: "postings")
    let range = start..<section.content.upperBound + 4
    lists.range = lists.range.map {
      min($0.lowerBound, range.lowerBound)..<max($0.upperBound, range.upperBound)
    }
    lists.range = lists.range ?? range
    try section.verify(in: bytes, name: "postings")
    let count = try section.entryCount(in: bytes, entrySize: 4, name: "postings")
    var ids: [UInt32] = []
    PostingsList(start: section.content.lowerBound + 4, count: count).append(to: &ids, in: bytes)
    return ids
  }

  private mutating func checkList(
    _ bytes: RawSpan, _ entry: TableEntry, _ ids: [UInt32], isAll: Bool, _ label: String
  ) {
    let offset = Int(clamping: entry.list)
    if ids.isEmpty && !isAll {
      scan.warn(
        .postingsEmpty, Self.indexPath, "postings", at: offset,
        "the list of \(label) is empty")
    }
    for (left, right) in zip(ids, ids.dropFirst()) where left >= right {
      scan.report(
        .postingsOrder, Self.indexPath, "postings", at: offset,
        "the list of \(label) is not sorted: \(right) stands behind \(left)")
      break
    }
    let wanted = symbols.isIntact && symbols.isSorted ? pair(bytes, entry) : nil
    for id in ids {
      guard let series = find(id) else {
        let place = version == 1 ? Int(id) : Int(id) * IndexFormat.seriesAlignment
        if isDamaged(place) { continue }
        scan.report(
          .postingsReference, Self.indexPath, "postings", at: offset,
          "the list of \(label) names series \(id), which does not exist")
        continue
      }
      if let wanted, !isAll, !labels[series.labels].contains(where: { matches($0, wanted) }) {
        scan.report(
          .postingsReference, Self.indexPath, "postings", at: offset,
          "the list of \(label) names series \(id), which is \(describe(series))")
      }
    }
  }

  private mutating func checkAll(_ ids: [UInt32], offset: Int) {
    guard damagedSeries.isEmpty, ids.count != series.count else { return }
    scan.report(
      .postingsMissing, Self.indexPath, "postings", at: offset,
      "the list of all series has \(ids.count), the index holds \(series.count)")
  }

  // MARK: Look-ups

  private func isDamaged(_ offset: Int) -> Bool {
    let before = damagedSeries.partitioned { $0.upperBound <= offset }
    return before < damagedSeries.count && damagedSeries[before].contains(offset)
  }

  private func find(_ id: UInt32) -> ScannedSeries? {
    let place = series.partitioned { $0.id < id }
    return place < series.count && series[place].id == id ? series[place] : nil
  }

  /// The symbols of a table entry as ordinals; (-1, -1) fits no label.
  private func pair(_ bytes: RawSpan, _ entry: TableEntry) -> (name: Int, value: Int) {
    guard let name = symbols.ordinal(of: bytes.extracting(entry.name), in: bytes),
      let value = symbols.ordinal(of: bytes.extracting(entry.value), in: bytes)
    else { return (-1, -1) }
    return (name, value)
  }

  private func matches(_ label: LabelReference, _ wanted: (name: Int, value: Int)) -> Bool {
    symbols.ordinal(of: label.name, version: version) == wanted.name
      && symbols.ordinal(of: label.value, version: version) == wanted.value
  }

  private func describe(_ bytes: RawSpan, _ entry: TableEntry) -> String {
    entry.name.isEmpty && entry.value.isEmpty
      ? "all series"
      : LabelText.name([UInt8](bytes.extracting(entry.name))) + "="
        + LabelText.quoted([UInt8](bytes.extracting(entry.value)))
  }
}
