/// Writes an index in version 2: symbols, then series, then what follows from them.
///
/// The order is enforced, and so is what readers rely on: symbols increase, series increase, a
/// series has labels, its chunks do not overlap. Breaking one is an error and nothing is published.
/// Memory is the postings under construction, see ``PostingsAccumulator``.
final class IndexWriter {
  private enum Stage { case symbols, series, finished }

  private let file: AppendOnlyFile
  private var stage = Stage.symbols
  private var contents = TableOfContents()
  private var symbolCount: UInt32 = 0
  private var lastSymbol: [UInt8] = []
  private var lastLabels: [LabelReference] = []
  private var lastLocation = ChunkLocation(0)
  private var postings = PostingsAccumulator()
  private var reusedBody: [UInt8] = []
  private(set) var seriesCount = 0

  init(path: String) throws(BlockError) {
    file = try AppendOnlyFile(path: path)
    var header: [UInt8] = []
    header.append(bigEndian: IndexFormat.magic)
    header.append(IndexFormat.writtenVersion)
    contents.symbols = header.count
    // Byte count and count of the symbols are known at their end.
    try file.append(header + [UInt8](repeating: 0, count: 8))
  }

  // MARK: Symbols

  /// Adds the next symbol, which must sort behind the last one.
  func addSymbol(_ symbol: RawSpan) throws(BlockError) {
    precondition(stage == .symbols, "symbols come before series")
    let last = lastSymbol
    guard symbolCount == 0 || ByteOrder.compare(last.rawSpan, symbol) < 0 else {
      throw BlockError(
        .invalidInput, path: file.path, section: "symbols",
        detail: "symbol \(LabelText.quoted([UInt8](symbol))) does not sort behind "
          + LabelText.quoted(last))
    }
    guard symbolCount < UInt32.max else {
      throw BlockError(
        .limitExceeded, path: file.path, section: "symbols", detail: "are more than 2^32")
    }
    lastSymbol = [UInt8](symbol)
    var entry: [UInt8] = []
    entry.reserveCapacity(symbol.byteCount + 5)
    entry.append(lengthPrefixed: symbol)
    try file.append(entry)
    symbolCount += 1
  }

  private func finishSymbols() throws(BlockError) {
    let start = contents.symbols
    let byteCount = file.position - start - 4
    guard byteCount <= UInt32.max else {
      throw BlockError(
        .limitExceeded, path: file.path, section: "symbols",
        detail: "have \(byteCount) bytes, an index holds at most \(UInt32.max)")
    }
    var head: [UInt8] = []
    head.append(bigEndian: UInt32(byteCount))
    head.append(bigEndian: symbolCount)
    try file.overwrite(head, at: start)
    // The count stands before the strings, so the checksum is taken over the finished bytes.
    let written = try ByteStorage(mapping: file.path)
    var checksum: [UInt8] = []
    let section = written.bytes.extracting(start + 4..<start + 4 + byteCount)
    checksum.append(bigEndian: CRC32C(section).value)
    try file.append(checksum)
    contents.series = file.position
    stage = .series
  }

  // MARK: Series

  /// Adds the next series; label references are ordinals of the symbols.
  ///
  /// - Throws: ``BlockError`` with the code `invalidInput` when a rule of the format is broken.
  func addSeries(labels: [LabelReference], chunks: [ChunkSpan]) throws(BlockError) {
    if stage == .symbols { try finishSymbols() }
    precondition(stage == .series, "the index is finished")
    try check(labels: labels)
    try check(chunks: chunks)
    try file.pad(to: IndexFormat.seriesAlignment)
    guard file.position < IndexFormat.byteCountLimit else {
      throw BlockError(
        .limitExceeded, path: file.path, section: "series",
        detail: "pass 64 GiB, the largest index that ids can address")
    }
    postings.add(UInt32(file.position / IndexFormat.seriesAlignment), labels: labels)
    var body: [UInt8] = []
    swap(&body, &reusedBody)
    defer { swap(&body, &reusedBody) }
    body.removeAll(keepingCapacity: true)
    SeriesEntry.encode(labels: labels, chunks: chunks, into: &body)
    var length: [UInt8] = []
    length.append(uvarint: UInt64(body.count))
    try file.append(length)
    body.append(bigEndian: CRC32C(body.rawSpan).value)
    try file.append(body)
    lastLabels = labels
    seriesCount += 1
  }

  private func check(labels: [LabelReference]) throws(BlockError) {
    guard !labels.isEmpty else { throw invalidSeries("has no labels") }
    for (position, label) in labels.enumerated() {
      guard label.name < symbolCount, label.value < symbolCount else {
        throw invalidSeries("refers to a symbol that was not added")
      }
      guard position == 0 || labels[position - 1].name < label.name else {
        throw invalidSeries("has labels out of order or twice")
      }
    }
    guard seriesCount == 0 || Self.precedes(lastLabels, labels) else {
      throw invalidSeries("does not sort behind the last one")
    }
  }

  private func check(chunks: [ChunkSpan]) throws(BlockError) {
    var previous: ChunkSpan?
    for chunk in chunks {
      guard chunk.minTime <= chunk.maxTime else {
        throw invalidSeries("has a chunk from \(chunk.minTime) to \(chunk.maxTime)")
      }
      if let previous, chunk.minTime <= previous.maxTime {
        throw invalidSeries(
          "has a chunk from \(chunk.minTime) behind one that ends at \(previous.maxTime)")
      }
      guard chunk.location >= lastLocation else {
        throw invalidSeries("has a chunk that stands before the last one's")
      }
      lastLocation = chunk.location
      previous = chunk
    }
  }

  private func invalidSeries(_ reason: String) -> BlockError {
    BlockError(
      .invalidInput, path: file.path, section: "series", offset: file.position,
      detail: "series \(seriesCount + 1) \(reason)")
  }

  /// Label order on ordinals, which is byte order because symbols are sorted.
  static func precedes(_ left: [LabelReference], _ right: [LabelReference]) -> Bool {
    for (l, r) in zip(left, right) {
      if l.name != r.name { return l.name < r.name }
      if l.value != r.value { return l.value < r.value }
    }
    return left.count < right.count
  }

  // MARK: Postings, tables, end

  /// Writes postings, offset table and table of contents, syncs and closes.
  func finish() throws(BlockError) {
    if stage == .symbols { try finishSymbols() }
    precondition(stage == .series, "the index is finished")
    stage = .finished
    contents.postings = file.position
    contents.labelIndices = file.position
    let offsets = try writePostings()
    contents.postingsOffsetTable = file.position
    contents.labelOffsetTable = file.position
    try writeOffsetTable(offsets)
    try file.append(contents.encoded())
    try file.finish()
  }

  /// Returns the position of each list, the one of all series first.
  private func writePostings() throws(BlockError) -> [Int] {
    var offsets: [Int] = []
    offsets.reserveCapacity(postings.listCount + 1)
    var ids: [UInt8] = []
    for id in postings.all { ids.append(bigEndian: id) }
    offsets.append(try writeList(count: postings.all.count, ids: &ids))
    try postings.forEachSorted { (_, count, list) throws(BlockError) in
      postings.encode(list: list, into: &ids)
      offsets.append(try writeList(count: count, ids: &ids))
    }
    return offsets
  }

  private func writeList(count: Int, ids: inout [UInt8]) throws(BlockError) -> Int {
    try file.pad(to: IndexFormat.postingsAlignment)
    let position = file.position
    var head: [UInt8] = []
    head.append(bigEndian: UInt32(4 + ids.count))
    head.append(bigEndian: UInt32(count))
    var checksum = CRC32C(head.rawSpan.extracting(4..<8))
    checksum.update(ids)
    ids.append(bigEndian: checksum.value)
    try file.append(head)
    try file.append(ids)
    ids.removeAll(keepingCapacity: true)
    return position
  }

  private func writeOffsetTable(_ offsets: [Int]) throws(BlockError) {
    let start = file.position
    try file.flush()
    let written = try ByteStorage(mapping: file.path)
    let symbols = try SymbolTable(
      index: ByteSlice(written), at: contents.symbols, version: IndexFormat.writtenVersion)
    var entry: [UInt8] = []
    entry.append(bigEndian: UInt32(0))
    entry.append(bigEndian: UInt32(offsets.count))
    var checksum = CRC32C(entry.rawSpan.extracting(4..<8))
    try file.append(entry)
    func write(_ name: RawSpan, _ value: RawSpan, _ offset: Int) throws(BlockError) {
      entry.removeAll(keepingCapacity: true)
      entry.append(IndexFormat.offsetTableKeyCount)
      entry.append(lengthPrefixed: name)
      entry.append(lengthPrefixed: value)
      entry.append(uvarint: UInt64(offset))
      checksum.update(entry)
      try file.append(entry)
    }
    try write([UInt8]().rawSpan, [UInt8]().rawSpan, offsets[0])
    var place = 1
    try postings.forEachSorted { (label, _, _) throws(BlockError) in
      let bytes = written.bytes
      try write(
        bytes.extracting(try symbols.range(of: label.name)),
        bytes.extracting(try symbols.range(of: label.value)), offsets[place])
      place += 1
    }
    let byteCount = file.position - start - 4
    guard byteCount <= UInt32.max else {
      throw BlockError(
        .limitExceeded, path: file.path, section: PostingsOffsetTable.section,
        detail: "has \(byteCount) bytes, an index holds at most \(UInt32.max)")
    }
    var tail: [UInt8] = []
    tail.append(bigEndian: checksum.value)
    try file.append(tail)
    var head: [UInt8] = []
    head.append(bigEndian: UInt32(byteCount))
    try file.overwrite(head, at: start)
  }
}
