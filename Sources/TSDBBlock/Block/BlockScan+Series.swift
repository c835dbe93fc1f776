/// The series entries: each found, checked and compared with the one before it.
extension BlockScanner {
  mutating func scanSeries(_ file: ByteSlice) {
    let bytes = file.bytes
    // What a table of contents says may be anything.
    let start = min(
      symbols.end ?? tableOfContents?.series ?? IndexFormat.headerByteCount, bytes.byteCount)
    if let stated = tableOfContents?.series, let end = symbols.end, stated != end {
      scan.report(
        .indexTableOfContents, Self.indexPath, "table of contents",
        "says that series begin at \(stated); symbols end at \(end)")
    }
    let end = seriesEnd(from: start, fileSize: bytes.byteCount)
    let damageBefore = damagedSeries.count
    var position = aligned(start)
    var lastEnd = start
    while position < end {
      if let body = entry(in: bytes, at: position, before: end) {
        readSeries(bytes, at: position, body)
        lastEnd = body.upperBound + 4
        position = aligned(lastEnd)
      } else if let next = nextEntry(in: bytes, after: position, before: end) {
        reportDamage(position..<next)
        position = next
      } else {
        // With a table of contents everything up to `end` should be entries.
        let rest = bytes.extracting(position..<end)
        if tableOfContents != nil, !isZero(rest) || rest.byteCount >= IndexFormat.seriesAlignment {
          reportDamage(position..<end)
          lastEnd = end
        }
        break
      }
    }
    addSection(
      "series", start..<max(start, lastEnd), entries: series.count,
      damagedSeries.count > damageBefore ? .damaged : .ok)
    scan.contents.series = series.count
    scan.contents.labelPairs = labels.count
  }

  /// The next part behind `start` that the table of contents knows, or the end of the file.
  private func seriesEnd(from start: Int, fileSize: Int) -> Int {
    guard let toc = tableOfContents else { return fileSize }
    let limit = fileSize - IndexFormat.tableOfContentsByteCount
    let parts = [toc.labelIndices, toc.labelOffsetTable, toc.postings, toc.postingsOffsetTable]
    return min(parts.filter { $0 > start }.min() ?? limit, limit)
  }

  private func aligned(_ position: Int) -> Int {
    version == 1
      ? position : position + IndexFormat.padding(at: position, to: IndexFormat.seriesAlignment)
  }

  /// The body of the entry at `position`, when its checksum is right.
  private func entry(in bytes: RawSpan, at position: Int, before end: Int) -> Range<Int>? {
    var cursor = ByteDecoder(bytes.extracting(0..<end), at: position)
    // A body of no bytes has the checksum zero: that is padding, not an entry.
    guard let body = try? cursor.lengthPrefixed(), !body.isEmpty,
      body.upperBound <= end - 4,
      CRC32C(bytes.extracting(body)).value == bytes.bigEndianUInt32(at: body.upperBound)
    else { return nil }
    return body
  }

  private func nextEntry(in bytes: RawSpan, after position: Int, before end: Int) -> Int? {
    let step = version == 1 ? 1 : IndexFormat.seriesAlignment
    var candidate = position + step
    while candidate < end {
      if isPlausible(bytes, at: candidate, before: end),
        entry(in: bytes, at: candidate, before: end) != nil
      {
        return candidate
      }
      candidate += step
    }
    return nil
  }

  /// Whether an entry may begin here: so that a checksum is not computed over the megabytes that
  /// chance takes for a length.
  private func isPlausible(_ bytes: RawSpan, at position: Int, before end: Int) -> Bool {
    var cursor = ByteDecoder(bytes.extracting(0..<end), at: position)
    do throws(DecodeError) {
      let length = try cursor.count()
      let labels = try cursor.uvarint()
      guard labels >= 1, labels <= UInt64(length / 2) else { return false }
      guard symbols.isIntact else { return true }
      for _ in 0..<min(labels, 4) {
        guard let name = UInt32(exactly: try cursor.uvarint()),
          let value = UInt32(exactly: try cursor.uvarint()),
          symbols.ordinal(of: name, version: version) != nil,
          symbols.ordinal(of: value, version: version) != nil
        else { return false }
      }
      return true
    } catch {
      return false
    }
  }

  private func isZero(_ bytes: RawSpan) -> Bool {
    for offset in 0..<bytes.byteCount where bytes.byte(at: offset) != 0 { return false }
    return true
  }

  private mutating func reportDamage(_ range: Range<Int>) {
    damagedSeries.append(range)
    scan.report(
      .seriesEntry, Self.indexPath, "series", at: range.lowerBound,
      "no series with a right checksum in the \(range.count) bytes up to \(range.upperBound)")
  }

  // MARK: One entry

  private mutating func readSeries(_ bytes: RawSpan, at offset: Int, _ body: Range<Int>) {
    let first = labels.count
    var chunks: [ChunkSpan] = []
    do {
      try SeriesEntry.decode(bytes.extracting(body), labels: &labels, chunks: &chunks)
    } catch {
      labels.removeLast(labels.count - first)
      damagedSeries.append(offset..<body.upperBound)
      scan.report(
        .seriesEntry, Self.indexPath, .decoding(error, section: "series", offset: offset))
      return
    }
    let divisor = version == 1 ? 1 : IndexFormat.seriesAlignment
    guard let id = UInt32(exactly: offset / divisor) else { return }
    let entry = ScannedSeries(
      id: id, labels: first..<labels.count,
      covered: (chunks.last?.maxTime ?? 0) &- (chunks.first?.minTime ?? 0))
    checkLabels(bytes, entry, at: offset)
    checkOrder(bytes, entry, at: offset)
    series.append(entry)
    checkChunks(bytes, entry, at: offset, chunks)
  }

  private mutating func checkLabels(_ bytes: RawSpan, _ entry: ScannedSeries, at offset: Int) {
    if entry.labels.isEmpty {
      scan.report(.seriesLabels, Self.indexPath, "series", at: offset, "has no labels")
    }
    var previous: Int?
    for label in labels[entry.labels] {
      guard let name = symbols.ordinal(of: label.name, version: version),
        let value = symbols.ordinal(of: label.value, version: version)
      else {
        scan.report(
          .seriesLabels, Self.indexPath, "series", at: offset,
          "uses a symbol that the table does not have")
        previous = nil
        continue
      }
      if symbols.ranges[value].isEmpty {
        scan.warn(
          .labelsEmptyValue, Self.indexPath, "series", at: offset,
          "has a label with an empty value, which means that the label is absent")
      }
      if symbols.isIntact, let previous {
        let order = ByteOrder.compare(
          bytes.extracting(symbols.ranges[previous]), bytes.extracting(symbols.ranges[name]))
        if order >= 0 {
          scan.report(
            .labelsOrder, Self.indexPath, "series", at: offset,
            order == 0 ? "has a label name twice" : "has labels that are not sorted by name")
        }
      }
      previous = name
    }
  }

  private mutating func checkOrder(_ bytes: RawSpan, _ entry: ScannedSeries, at offset: Int) {
    guard symbols.isIntact, let last = series.last,
      let order = compare(bytes, last.labels, entry.labels), order >= 0
    else { return }
    if order == 0 {
      scan.report(
        .seriesDuplicate, Self.indexPath, "series", at: offset,
        "has the same labels as the series before it: \(describe(entry))")
    } else {
      scan.report(
        .seriesOrder, Self.indexPath, "series", at: offset,
        "does not sort behind the series before it: \(describe(entry))")
    }
  }

  /// Nil when a label of either cannot be resolved.
  private func compare(_ bytes: RawSpan, _ left: Range<Int>, _ right: Range<Int>) -> Int? {
    for (l, r) in zip(left, right) {
      for (a, b) in [(labels[l].name, labels[r].name), (labels[l].value, labels[r].value)]
      where a != b {
        guard let a = symbols.ordinal(of: a, version: version),
          let b = symbols.ordinal(of: b, version: version)
        else { return nil }
        let order = ByteOrder.compare(
          bytes.extracting(symbols.ranges[a]), bytes.extracting(symbols.ranges[b]))
        if order != 0 { return order }
      }
    }
    return left.count - right.count
  }

  /// The labels of a series, as far as they can be read.
  func describe(_ entry: ScannedSeries) -> String {
    guard let index else { return "{}" }
    var set = LabelSet()
    for label in labels[entry.labels] {
      guard let name = symbols.ordinal(of: label.name, version: version),
        let value = symbols.ordinal(of: label.value, version: version)
      else { continue }
      set.append(
        name: index.bytes.extracting(symbols.ranges[name]),
        value: index.bytes.extracting(symbols.ranges[value]))
    }
    return set.description
  }
}
