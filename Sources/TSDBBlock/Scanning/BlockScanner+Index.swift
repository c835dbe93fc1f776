/// The frame of the index: header, table of contents, symbols and the order of what follows.
extension BlockScanner {
  mutating func scanIndex() {
    let storage: ByteStorage
    do throws(BlockError) {
      storage = try ByteStorage(mapping: directory + "/index")
    } catch {
      scan.log.report(
        error.code == .missing ? .fileMissing : .fileUnreadable, Self.indexPath, error)
      return
    }
    storage.advise(.sequential)
    let file = ByteSlice(storage)
    scanHeader(file.bytes)
    do throws(BlockError) {
      tableOfContents = try TableOfContents(index: file.bytes)
    } catch {
      scan.log.report(.indexTableOfContents, Self.indexPath, error)
    }
    scanSymbols(file)
    let context = ScanContext(
      index: file, version: version, symbols: symbols, segments: segments, meta: scan.meta,
      depth: scan.depth)
    scanSeries(context)
    scanLabelSections(file.bytes)
    scanPostings(context)
    let start = file.count - IndexFormat.tableOfContentsByteCount
    if start >= 0 {
      addSection(
        "table of contents", start..<file.count, entries: nil,
        tableOfContents == nil ? .damaged : .ok)
    }
    scan.sections.sort { $0.offset < $1.offset }
  }

  mutating func addSection(
    _ name: String, _ range: Range<Int>, entries: Int?, _ state: BlockScan.Section.State
  ) {
    scan.sections.append(
      BlockScan.Section(
        name: name, offset: range.lowerBound, length: range.count, entries: entries, state: state))
  }

  private mutating func scanHeader(_ bytes: RawSpan) {
    if bytes.byteCount > 4 { scan.indexVersion = bytes.byte(at: 4) }
    do throws(BlockError) {
      version = try IndexReader.checkHeader(bytes)
    } catch {
      scan.log.report(.indexHeader, Self.indexPath, error)
    }
  }

  // MARK: Symbols

  private mutating func scanSymbols(_ file: ByteSlice) {
    let bytes = file.bytes
    // They follow the header; the table of contents only repeats that.
    let offset = IndexFormat.headerByteCount
    if let stated = tableOfContents?.symbols, stated != offset {
      scan.log.report(
        .indexTableOfContents, Self.indexPath, "table of contents",
        "says that symbols begin at \(stated); they begin at \(offset)")
    }
    let section: IndexSection
    do throws(BlockError) {
      section = try IndexSection(in: bytes, at: offset, name: "symbols")
    } catch {
      scan.log.report(.indexSymbols, Self.indexPath, error)
      return
    }
    symbols.isIntact = true
    do throws(BlockError) {
      try section.verify(in: bytes, name: "symbols")
    } catch {
      symbols.isIntact = false
      scan.log.report(.indexSymbols, Self.indexPath, error)
    }
    walkSymbols(bytes, section)
    symbols.end = section.content.upperBound + 4
    scan.contents.symbols = symbols.ranges.count
    addSection(
      "symbols", offset..<section.content.upperBound + 4, entries: symbols.ranges.count,
      symbols.isIntact ? .ok : .damaged)
  }

  private mutating func walkSymbols(_ bytes: RawSpan, _ section: IndexSection) {
    let base = section.content.lowerBound
    var cursor = ByteDecoder(bytes.extracting(section.content))
    do throws(DecodeError) {
      let count = try cursor.uint32()
      for ordinal in 0..<Int(count) {
        let position = cursor.position
        let local = try cursor.lengthPrefixed()
        let range = base + local.lowerBound..<base + local.upperBound
        if let last = symbols.ranges.last,
          ByteOrder.compare(bytes.extracting(last), bytes.extracting(range)) >= 0
        {
          symbols.isSorted = false
          scan.log.report(
            .symbolsOrder, Self.indexPath, "symbols", at: base + position,
            "symbol \(ordinal) does not sort behind the one before it")
        }
        symbols.append(position: base + position, range)
      }
    } catch {
      symbols.isIntact = false
      scan.log.report(
        .indexSymbols, Self.indexPath,
        .decoding(error, section: "symbols", offset: base + cursor.position))
    }
  }

  // MARK: Label index

  /// Up to Prometheus 3.6; no reader needs it, so damage here loses nothing.
  private mutating func scanLabelSections(_ bytes: RawSpan) {
    guard let toc = tableOfContents else { return }
    if toc.labelIndices > 0, toc.labelIndices < toc.postings {
      addSection("label indices", toc.labelIndices..<toc.postings, entries: nil, .unchecked)
    }
    guard toc.labelOffsetTable > 0, toc.labelOffsetTable != toc.postingsOffsetTable else { return }
    do throws(BlockError) {
      let section = try IndexSection(
        in: bytes, at: toc.labelOffsetTable, name: "label offset table")
      let range = toc.labelOffsetTable..<section.content.upperBound + 4
      do throws(BlockError) {
        try section.verify(in: bytes, name: "label offset table")
        addSection("label offset table", range, entries: nil, .ok)
      } catch {
        addSection("label offset table", range, entries: nil, .damaged)
        throw error
      }
    } catch {
      scan.log.warn(
        .labelOffsetTable, Self.indexPath, error.section, at: error.offset,
        error.reason + "; no reader uses it")
    }
  }
}
