/// Reads the index of a block: symbols, postings and series entries.
///
/// Opening reads the header and the table of contents only. Symbols and the postings offset table
/// are scanned and verified at their first use and kept; lists and series entries are read and
/// verified in place at every access. Safe to use from several tasks.
public final class IndexReader: Sendable {
  /// The whole file.
  public let file: ByteSlice
  /// As errors name it.
  public let path: String
  /// 1 or 2; byte 3 is read as 2.
  public let version: UInt8
  /// Where the sections begin.
  public let tableOfContents: TableOfContents
  private let lazySymbols = Lazy<SymbolTable>()
  private let lazyOffsets = Lazy<PostingsOffsetTable>()

  /// - Throws: ``BlockError`` when the header or the table of contents is damaged.
  /// - Complexity: O(1).
  public init(_ file: ByteSlice, path: String = "index") throws(BlockError) {
    self.file = file
    self.path = path
    do {
      version = try Self.checkHeader(file.bytes)
      tableOfContents = try TableOfContents(index: file.bytes)
    } catch {
      throw error.inFile(path)
    }
  }

  static func checkHeader(_ bytes: RawSpan) throws(BlockError) -> UInt8 {
    guard bytes.byteCount >= IndexFormat.headerByteCount else {
      throw BlockError(
        .truncated, section: "header", offset: 0,
        detail: "the file has only \(bytes.byteCount) bytes")
    }
    let magic = bytes.bigEndianUInt32(at: 0)
    guard magic == IndexFormat.magic else {
      throw BlockError(
        .badMagic, section: "header", offset: 0,
        detail: "begins with \(hex(magic)), an index begins with \(hex(IndexFormat.magic))")
    }
    return try IndexFormat.version(bytes.byte(at: 4), at: 4)
  }

  // MARK: Symbols and labels

  /// Names and values.
  ///
  /// - Throws: ``BlockError`` when the table is damaged.
  /// - Complexity: O(bytes of the table) at the first use.
  public var symbols: SymbolTable {
    get throws(BlockError) {
      try inFile { () throws(BlockError) in
        try lazySymbols.get { () throws(BlockError) in
          try SymbolTable(index: file, at: tableOfContents.symbols, version: version)
        }
      }
    }
  }

  /// Which list of series stands where.
  ///
  /// - Throws: ``BlockError`` when the table is damaged.
  /// - Complexity: O(bytes of the table) at the first use.
  public var postingsOffsets: PostingsOffsetTable {
    get throws(BlockError) {
      try inFile { () throws(BlockError) in
        try lazyOffsets.get { () throws(BlockError) in
          try PostingsOffsetTable(
            index: file, at: tableOfContents.postingsOffsetTable,
            listsEnd: tableOfContents.postingsOffsetTable)
        }
      }
    }
  }

  /// All label names, sorted by bytes.
  public func labelNames() throws(BlockError) -> [[UInt8]] {
    try postingsOffsets.labelNames
  }

  /// All values of a label, sorted by bytes; empty when no series has it.
  public func labelValues(of name: [UInt8]) throws(BlockError) -> [[UInt8]] {
    let file = file
    let bytes = file.bytes
    var values: [[UInt8]] = []
    try inFile { () throws(BlockError) in
      try postingsOffsets.forEachValue(of: name) { (value, _) throws(BlockError) in
        values.append([UInt8](bytes.extracting(value)))
        return true
      }
    }
    return values
  }

  // MARK: Postings

  /// The ids of all series, in the order of their labels.
  public func allPostings() throws(BlockError) -> [UInt32] {
    try postings(name: [], value: [])
  }

  /// The ids of the series with a label pair; empty when there is none.
  public func postings(name: [UInt8], value: [UInt8]) throws(BlockError) -> [UInt32] {
    guard let list = try postingsList(name: name, value: value) else { return [] }
    var ids: [UInt32] = []
    let file = file
    list.append(to: &ids, in: file.bytes)
    return ids
  }

  func postingsList(name: [UInt8], value: [UInt8]) throws(BlockError) -> PostingsList? {
    try inFile { () throws(BlockError) -> PostingsList? in
      guard let offset = try postingsOffsets.listOffset(name: name, value: value) else {
        return nil
      }
      return try postingsList(at: offset)
    }
  }

  /// The verified list at a file offset.
  func postingsList(at offset: UInt64) throws(BlockError) -> PostingsList {
    let file = file
    return try PostingsList(index: file.bytes, at: Int(clamping: offset))
  }

  /// Entries of the list at `offset` without reading it; 0 where nothing sensible stands.
  func cardinality(at offset: UInt64) -> Int {
    let file = file
    let bytes = file.bytes
    guard let section = try? IndexSection(in: bytes, at: Int(clamping: offset), name: "postings")
    else { return 0 }
    return section.content.count / 4 - 1
  }

  // MARK: Series

  /// Decodes a series entry and appends its labels and chunks.
  ///
  /// - Parameters:
  ///   - id: byte offset divided by 16 in version 2, byte offset in version 1.
  ///   - labels: get the labels behind those they hold.
  ///   - chunks: likewise.
  /// - Throws: ``BlockError`` when the entry is damaged. Nothing has been appended then.
  /// - Complexity: O(bytes of the entry), no allocation once the arrays have grown.
  public func appendSeries(
    _ id: UInt32, labels: inout [LabelReference], chunks: inout [ChunkSpan]
  ) throws(BlockError) {
    let file = file
    do throws(BlockError) {
      try SeriesEntry.append(
        from: file.bytes, at: seriesOffset(id), labels: &labels, chunks: &chunks)
    } catch {
      throw error.inFile(path)
    }
  }

  /// Where the entry of a series begins in the file.
  public func seriesOffset(_ id: UInt32) -> Int {
    version == 1 ? Int(id) : Int(id) * IndexFormat.seriesAlignment
  }

  /// The labels of a series as bytes.
  public func labels(_ references: some Sequence<LabelReference>) throws(BlockError) -> LabelSet {
    let symbols = try symbols
    return try inFile { () throws(BlockError) in try symbols.labels(references) }
  }

  private func inFile<T>(_ body: () throws(BlockError) -> T) throws(BlockError) -> T {
    do {
      return try body()
    } catch {
      throw error.inFile(path)
    }
  }
}
