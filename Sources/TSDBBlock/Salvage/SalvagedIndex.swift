/// The index of a block that may be broken, as far as its frame can be made out.
///
///     table of contents   at the end; else where its bytes are found before it
///     symbols             length, else the strings themselves, else the table of contents tell
///                         where they end: the checksum decides
///     postings offsets    from the table of contents, else found by their first entry
struct SalvagedIndex {
  let file: ByteSlice
  /// Where the parts begin; nil when no table of contents has a right checksum.
  private(set) var tableOfContents: TableOfContents?
  /// The content of the symbol table, from the count on, when its checksum is right.
  private(set) var symbols: Range<Int>?
  /// The content of the postings offset table, likewise.
  private(set) var postingsTable: Range<Int>?
  /// Where the first postings list begins, by the offset table.
  private var firstList: Int?
  /// 1 or 2 as the header has it; nil when the header is damaged.
  let statedVersion: UInt8?

  init(_ file: ByteSlice) {
    self.file = file
    let bytes = file.bytes
    statedVersion = bytes.byteCount > 4 ? try? IndexFormat.version(bytes.byte(at: 4), at: 4) : nil
    tableOfContents = Self.findTableOfContents(bytes)
    symbols = findSymbols(bytes)
    postingsTable = findPostingsTable(bytes)
    var first: UInt64?
    forEachList { first = min(first ?? $0.list, $0.list) }
    firstList = first.map { Int(clamping: $0) }
  }

  /// Where the first series may stand.
  var seriesStart: Int {
    if let symbols { return symbols.upperBound + 4 }
    if let start = tableOfContents?.series, start > IndexFormat.headerByteCount, start < file.count
    {
      return start
    }
    return IndexFormat.headerByteCount
  }

  /// Where the part behind the series begins, as far as is known.
  var statedSeriesEnd: Int {
    let start = seriesStart
    guard let toc = tableOfContents else { return min(firstList ?? file.count, file.count) }
    let parts = [toc.labelIndices, toc.postings, toc.labelOffsetTable, toc.postingsOffsetTable]
    return min(parts.filter { $0 > start }.min() ?? file.count, file.count)
  }

  /// Where no series begins any more: there is room for bytes that were inserted.
  var seriesEnd: Int { min(statedSeriesEnd + IndexFormat.seriesAlignment, file.count) }

  // MARK: Table of contents

  private static func findTableOfContents(_ bytes: RawSpan) -> TableOfContents? {
    if let toc = try? TableOfContents(index: bytes) { return toc }
    // Its first entry says where the symbols begin, which is always behind the header.
    let first = UInt64(IndexFormat.headerByteCount)
    var start = bytes.byteCount - IndexFormat.tableOfContentsByteCount
    while start >= IndexFormat.headerByteCount {
      if bytes.bigEndianUInt64(at: start) == first {
        let end = start + IndexFormat.tableOfContentsByteCount
        if let toc = try? TableOfContents(index: bytes.extracting(0..<end)) { return toc }
      }
      start -= 1
    }
    return nil
  }

  // MARK: Symbols

  private func findSymbols(_ bytes: RawSpan) -> Range<Int>? {
    let start = IndexFormat.headerByteCount + 4
    guard bytes.byteCount >= start + 8 else { return nil }
    let stated = start + Int(bytes.bigEndianUInt32(at: IndexFormat.headerByteCount))
    let walked = Self.stringsEnd(bytes, countAt: start)
    let before = tableOfContents.map { $0.series - 4 }
    for end in [stated, walked, before].compactMap({ $0 })
    where end >= start + 4 && end <= bytes.byteCount - 4 {
      guard
        CRC32C(bytes.extracting(start..<end)).value == bytes.bigEndianUInt32(at: end),
        let strings = Self.stringsEnd(bytes.extracting(0..<end), countAt: start), strings <= end
      else { continue }
      return start..<end
    }
    return nil
  }

  /// Behind as many strings as the count says.
  private static func stringsEnd(_ bytes: RawSpan, countAt start: Int) -> Int? {
    var cursor = ByteDecoder(bytes, at: start)
    do throws(DecodeError) {
      let count = Int(try cursor.uint32())
      guard count <= cursor.remaining else { return nil }
      for _ in 0..<count { _ = try cursor.lengthPrefixed() }
      return cursor.position
    } catch {
      return nil
    }
  }

  // MARK: Postings

  private func findPostingsTable(_ bytes: RawSpan) -> Range<Int>? {
    if let offset = tableOfContents?.postingsOffsetTable,
      let content = verified(bytes, at: offset)
    {
      return content
    }
    // It ends where the table of contents begins. The 12 bytes are those of an empty one.
    let end = bytes.byteCount - IndexFormat.tableOfContentsByteCount
    var start = end - 12
    while start > IndexFormat.headerByteCount {
      if Int(bytes.bigEndianUInt32(at: start)) == end - 8 - start,
        let content = verified(bytes, at: start)
      {
        return content
      }
      start -= 1
    }
    // Or anywhere; the entry of all series comes first then: two keys, both empty.
    start = bytes.byteCount - 12
    // Bytes to compute checksums of, so that no file takes for ever.
    var patience = 16 * bytes.byteCount
    while start > IndexFormat.headerByteCount, patience > 0 {
      if bytes.byte(at: start + 8) == IndexFormat.offsetTableKeyCount,
        bytes.byte(at: start + 9) == 0, bytes.byte(at: start + 10) == 0
      {
        if let content = verified(bytes, at: start) { return content }
        patience -= bytes.byteCount - start
      }
      start -= 1
    }
    return nil
  }

  private func verified(_ bytes: RawSpan, at offset: Int) -> Range<Int>? {
    guard let section = try? IndexSection(in: bytes, at: offset, name: PostingsOffsetTable.section),
      (try? section.verify(in: bytes, name: PostingsOffsetTable.section)) != nil,
      section.content.count >= 4
    else { return nil }
    return section.content
  }

  /// Calls `body` with each entry of the postings offset table; nothing when it is damaged.
  func forEachList(_ body: (PostingsOffsetTable.Entry) -> Void) {
    guard let content = postingsTable else { return }
    let bytes = file.bytes
    var left = bytes.bigEndianUInt32(at: content.lowerBound)
    var position = content.lowerBound + 4
    while left > 0,
      let entry = try? PostingsOffsetTable.entry(in: bytes, content, at: position)
    {
      body(entry)
      position = entry.end
      left -= 1
    }
  }

  /// A list with a right checksum.
  func list(_ entry: PostingsOffsetTable.Entry) -> PostingsList? {
    try? PostingsList(index: file.bytes, at: Int(clamping: entry.list))
  }
}
