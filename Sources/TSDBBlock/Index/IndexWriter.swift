/// Writes an index in version 2: symbols, then series, then what follows from them.
///
/// The order is enforced, and so is what readers rely on: symbols increase, series increase, a
/// series has labels, its chunks do not overlap. Breaking one is an error and nothing is published.
///
///     symbols ─► file
///     series  ─► file
///        └─ (name, value, id) ─► PostingsAccumulator ─┬──────────────────────┬─► lists ─► file
///                                    when it is full  └─► PostingsRuns, disk ┘      └─► table
///
/// Memory is the postings limit, plus what ``PostingsAccumulator`` needs to sort, plus a byte per
/// eight symbols.
final class IndexWriter {
  private enum Stage { case symbols, series, finished }

  let file: AppendOnlyFile
  private var stage = Stage.symbols
  var contents = TableOfContents()
  private var symbolCount: UInt32 = 0
  private var lastSymbol: [UInt8] = []
  private var lastLabels: [LabelReference] = []
  private var lastLocation = ChunkLocation(0)
  private var symbolsChecksum = CRC32C()
  var postings: PostingsAccumulator
  var runs: PostingsRuns
  private var reusedBody: [UInt8] = []
  private var reusedSymbol: [UInt8] = []
  private(set) var seriesCount = 0
  private(set) var lastSeriesID: UInt32 = 0

  static let defaultPostingsByteCountLimit = 128 << 20

  /// - Parameter postingsByteCountLimit: postings in memory before they are spilled to disk.
  init(
    path: String, postingsByteCountLimit: Int = defaultPostingsByteCountLimit
  ) throws(BlockError) {
    file = try AppendOnlyFile(path: path)
    postings = PostingsAccumulator(byteCountLimit: postingsByteCountLimit)
    runs = PostingsRuns(path: path + ".spill")
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
    guard symbolCount == 0 || sortsBehindLast(symbol) else {
      throw BlockError(
        .invalidInput, path: file.path, section: "symbols",
        detail: "symbol \(LabelText.quoted([UInt8](symbol))) does not sort behind "
          + LabelText.quoted(lastSymbol))
    }
    guard symbolCount < UInt32.max else {
      throw BlockError(
        .limitExceeded, path: file.path, section: "symbols", detail: "are more than 2^32")
    }
    lastSymbol.removeAll(keepingCapacity: true)
    lastSymbol.append(symbol)
    reusedSymbol.removeAll(keepingCapacity: true)
    reusedSymbol.append(lengthPrefixed: symbol)
    symbolsChecksum.update(reusedSymbol)
    try file.append(reusedSymbol)
    symbolCount += 1
  }

  private func sortsBehindLast(_ symbol: RawSpan) -> Bool {
    let last = lastSymbol
    return ByteOrder.compare(last.rawSpan, symbol) < 0
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
    // The count stands before the strings and is known behind them.
    let checksum = CRC32C(
      joining: CRC32C(head.rawSpan.extracting(4..<8)), symbolsChecksum, ofByteCount: byteCount - 4)
    var tail: [UInt8] = []
    tail.append(bigEndian: checksum.value)
    try file.append(tail)
    contents.series = file.position
    stage = .series
  }

  // MARK: Series

  /// Adds the next series; label references are ordinals of the symbols.
  ///
  /// - Throws: ``BlockError`` with the code `invalidInput` when a rule of the format is broken.
  func addSeries(labels: [LabelReference], chunks: [ChunkSpan]) throws(BlockError) {
    try addSeries(labels: labels.span, chunks: chunks)
  }

  func addSeries(labels: Span<LabelReference>, chunks: [ChunkSpan]) throws(BlockError) {
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
    lastSeriesID = UInt32(file.position / IndexFormat.seriesAlignment)
    postings.add(lastSeriesID, labels: labels)
    if postings.isFull {
      try runs.append(postings)
      postings.removeAll()
    }
    var body: [UInt8] = []
    swap(&body, &reusedBody)
    defer { swap(&body, &reusedBody) }
    body.removeAll(keepingCapacity: true)
    SeriesEntry.encode(labels: labels, chunks: chunks, into: &body)
    let byteCount = UInt64(body.count)
    try file.appendFew { $0.append(uvarint: byteCount) }
    body.append(bigEndian: CRC32C(body.rawSpan).value)
    try file.append(body)
    lastLabels.removeAll(keepingCapacity: true)
    for index in labels.indices { lastLabels.append(labels[index]) }
    seriesCount += 1
  }

  private func check(labels: Span<LabelReference>) throws(BlockError) {
    guard !labels.isEmpty else { throw invalidSeries("has no labels") }
    var previous: UInt32?
    for position in labels.indices {
      let label = labels[position]
      guard label.name < symbolCount, label.value < symbolCount else {
        throw invalidSeries("refers to a symbol that was not added")
      }
      if let previous, previous >= label.name {
        throw invalidSeries("has labels out of order or twice")
      }
      previous = label.name
    }
    let last = lastLabels
    if seriesCount > 0, !Self.precedes(last.span, labels) {
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
  static func precedes(_ left: Span<LabelReference>, _ right: Span<LabelReference>) -> Bool {
    for index in 0..<min(left.count, right.count) {
      let (l, r) = (left[index], right[index])
      if l.name != r.name { return l.name < r.name }
      if l.value != r.value { return l.value < r.value }
    }
    return left.count < right.count
  }

  func finishSeries() throws(BlockError) {
    if stage == .symbols { try finishSymbols() }
    precondition(stage == .series, "the index is finished")
    stage = .finished
  }
}
