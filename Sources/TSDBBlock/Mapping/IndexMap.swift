/// What every byte of an index means, as far as it can be said of a damaged one.
///
///     header · symbols · series · label indices · postings · tables · table of contents
///
/// Sections are found by walking from one to the next; where that fails, at the next place that the
/// table of contents or the postings offset table names. Without either, the next place whose
/// checksum is right. Memory: 16 bytes a symbol and 24 a list.
package struct IndexMap {
  let file: ByteSlice
  let symbols: MappedSymbols
  let contents: TableOfContents?
  let lists: MappedLists
  private let version: UInt8
  /// Bytes whose checksum may still be computed in the search for the next sound place.
  var searchBudget: Int

  package init(_ file: ByteSlice) {
    self.file = file
    let bytes = file.bytes
    version = bytes.byteCount > 4 && bytes.byte(at: 4) == 1 ? 1 : 2
    contents = try? TableOfContents(index: bytes)
    symbols = MappedSymbols(bytes, usesOffsets: version == 1)
    lists = MappedLists(bytes, contents)
    searchBudget = 16 * bytes.byteCount
  }

  /// Shows the regions to `visit`, in order.
  package mutating func forEachRegion(_ visit: RegionVisitor) throws {
    let file = file
    let bytes = file.bytes
    let end = bytes.byteCount
    let headerEnd = min(IndexFormat.headerByteCount, end)
    guard try visit(header(bytes, headerEnd)) else { return }
    let tail = max(headerEnd, end - IndexFormat.tableOfContentsByteCount)
    var position = headerEnd
    guard try visitSymbols(bytes, &position, tail, visit) else { return }
    guard try visitSeries(bytes, &position, tail, visit) else { return }
    guard try visitFrames(bytes, &position, tail, visit) else { return }
    guard tail < end else { return }
    _ = try visit(
      ByteRegion(
        tail..<end, contents == nil && end - tail < 52 ? .unknown : .tableOfContents,
        "table of contents", damage: contents == nil ? "cannot be believed" : nil))
  }

  private func header(_ bytes: RawSpan, _ end: Int) -> ByteRegion {
    var damage: String?
    do throws(BlockError) {
      _ = try IndexReader.checkHeader(bytes)
    } catch {
      damage = error.detail
    }
    return ByteRegion(0..<end, .header, "magic and version", damage: damage)
  }

  // MARK: Symbols

  private func visitSymbols(
    _ bytes: RawSpan, _ position: inout Int, _ tail: Int, _ visit: RegionVisitor
  ) throws -> Bool {
    let start = position
    guard symbols.end > start, symbols.end <= tail else { return true }
    guard try visit(ByteRegion(start..<start + 8, .sectionHead, "symbols")) else { return false }
    position = start + 8
    for (ordinal, range) in symbols.ranges.enumerated() {
      guard
        try visit(
          ByteRegion(
            position..<range.upperBound, .symbol,
            "symbol \(ordinal) \(LabelText.quoted([UInt8](bytes.extracting(range))))"))
      else { return false }
      position = range.upperBound
    }
    let checksum = symbols.end - 4
    if position < checksum {
      guard
        try visit(
          ByteRegion(
            position..<checksum, .unknown, "rest of the symbols",
            damage: "no symbol can be read here"))
      else { return false }
    }
    position = symbols.end
    return try visit(
      Self.checksum(bytes, content: start + 4..<checksum, of: "symbols"))
  }

  static func checksum(
    _ bytes: RawSpan, content: Range<Int>, of what: String
  ) -> ByteRegion {
    let end = content.upperBound
    let computed = CRC32C(bytes.extracting(content)).value
    let stored = bytes.bigEndianUInt32(at: end)
    return ByteRegion(
      end..<end + 4, .checksum, "checksum of the \(what)",
      damage: computed == stored ? nil : "of the bytes it is \(hex(computed))")
  }

  // MARK: Series

  private var seriesAlignment: Int { version == 1 ? 1 : IndexFormat.seriesAlignment }

  private mutating func visitSeries(
    _ bytes: RawSpan, _ position: inout Int, _ tail: Int, _ visit: RegionVisitor
  ) throws -> Bool {
    if position == IndexFormat.headerByteCount, let start = contents?.series, start > position,
      start <= tail
    {
      guard
        try visit(
          ByteRegion(
            position..<start, .unknown, "symbols", damage: "their length cannot be right"))
      else { return false }
      position = start
    }
    let end = seriesEnd(behind: position, tail)
    while position < end {
      let start = position + IndexFormat.padding(at: position, to: seriesAlignment)
      if start < end, let body = entry(bytes, at: start, before: end) {
        guard try visitPadding(bytes, position..<start, visit) else { return false }
        guard try visit(series(bytes, start..<body.upperBound + 4, body)) else { return false }
        position = body.upperBound + 4
        continue
      }
      // Without a table of contents nobody says where the series end.
      if contents == nil, let list = frame(bytes, at: position, before: tail), list.isList { break }
      guard let next = nextEntry(bytes, behind: start, before: end) else { break }
      guard
        try visit(
          ByteRegion(
            position..<next, .unknown, "series", damage: "no entry has a right checksum"))
      else { return false }
      position = next
    }
    guard contents != nil, position < end else { return true }
    let rest = position..<end
    position = end
    if Self.isZero(bytes, rest) { return try visitPadding(bytes, rest, visit) }
    return try visit(
      ByteRegion(rest, .unknown, "series", damage: "no entry has a right checksum"))
  }

  private func seriesEnd(behind start: Int, _ tail: Int) -> Int {
    guard let contents else { return tail }
    let parts = [
      contents.labelIndices, contents.labelOffsetTable, contents.postings,
      contents.postingsOffsetTable,
    ]
    return min(parts.filter { $0 >= start }.min() ?? tail, tail)
  }

  private mutating func entry(_ bytes: RawSpan, at start: Int, before end: Int) -> Range<Int>? {
    var cursor = ByteDecoder(bytes.extracting(0..<end), at: start)
    guard let body = try? cursor.lengthPrefixed(), !body.isEmpty, cursor.remaining >= 4,
      body.count <= searchBudget
    else { return nil }
    guard CRC32C(bytes.extracting(body)).value == bytes.bigEndianUInt32(at: body.upperBound)
    else {
      searchBudget -= body.count
      return nil
    }
    return body
  }

  private mutating func nextEntry(_ bytes: RawSpan, behind start: Int, before end: Int) -> Int? {
    var place = start + seriesAlignment
    while place < end {
      if entry(bytes, at: place, before: end) != nil { return place }
      place += seriesAlignment
    }
    return nil
  }

  private func series(_ bytes: RawSpan, _ range: Range<Int>, _ body: Range<Int>) -> ByteRegion {
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    do throws(DecodeError) {
      try SeriesEntry.decode(bytes.extracting(body), labels: &labels, chunks: &chunks)
    } catch {
      return ByteRegion(range, .series, "series", damage: "is \(error)")
    }
    let text = labels.map { symbols.label($0, bytes) }.joined(separator: ", ")
    let id = range.lowerBound / seriesAlignment
    return ByteRegion(
      range, .series,
      "series \(id) {\(text)}, \(chunks.count) \(chunks.count == 1 ? "chunk" : "chunks")")
  }

  // MARK: Behind the series

  private mutating func visitFrames(
    _ bytes: RawSpan, _ position: inout Int, _ tail: Int, _ visit: RegionVisitor
  ) throws -> Bool {
    while position < tail {
      let start = position
      if let found = frame(bytes, at: start, before: tail) {
        guard try visitPadding(bytes, start..<found.start, visit) else { return false }
        guard try show(found, bytes, visit) else { return false }
        position = found.end
        continue
      }
      let next = min(nextKnown(behind: start, bytes, before: tail), tail)
      let rest = start..<next
      position = next
      let region =
        Self.isZero(bytes, rest) && rest.count < 4
        ? ByteRegion(rest, .padding, "padding")
        : ByteRegion(rest, .unknown, "postings or tables", damage: "no section begins here")
      guard try visit(region) else { return false }
    }
    return true
  }

  private func visitPadding(
    _ bytes: RawSpan, _ range: Range<Int>, _ visit: RegionVisitor
  ) throws -> Bool {
    guard !range.isEmpty else { return true }
    return try visit(
      Self.isZero(bytes, range)
        ? ByteRegion(range, .padding, "padding")
        : ByteRegion(range, .unknown, "padding", damage: "is not zero"))
  }

  static func isZero(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
    for offset in range where bytes.byte(at: offset) != 0 { return false }
    return true
  }
}
