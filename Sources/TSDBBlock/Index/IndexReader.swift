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
    switch bytes.byte(at: 4) {
    case 1: return 1
    case 2, 3: return 2
    case let other:
      throw BlockError(
        .unsupportedVersion, section: "header", offset: 4,
        detail: "index version \(other) is not known")
    }
  }

  // MARK: Symbols and labels

  public var symbols: SymbolTable {
    get throws(BlockError) {
      try inFile { () throws(BlockError) in
        try lazySymbols.get { () throws(BlockError) in
          try SymbolTable(index: file, at: tableOfContents.symbols, version: version)
        }
      }
    }
  }

  public var postingsOffsets: PostingsOffsetTable {
    get throws(BlockError) {
      try inFile { () throws(BlockError) in
        try lazyOffsets.get { () throws(BlockError) in
          try PostingsOffsetTable(
            index: file, at: tableOfContents.postingsOffsetTable, version: version)
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
    let bytes = file.bytes
    let section = try IndexSection(in: bytes, at: Int(clamping: offset), name: "postings")
    try section.verify(in: bytes, name: "postings")
    let count = try section.entryCount(in: bytes, entrySize: 4, name: "postings")
    return PostingsList(start: section.content.lowerBound + 4, count: count)
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
  /// - Parameter id: byte offset divided by 16 in version 2, byte offset in version 1.
  /// - Throws: ``BlockError`` when the entry is damaged. Nothing has been appended then.
  /// - Complexity: O(bytes of the entry), no allocation once the arrays have grown.
  public func appendSeries(
    _ id: UInt32, labels: inout [LabelReference], chunks: inout [ChunkSpan]
  ) throws(BlockError) {
    let labelCount = labels.count
    let chunkCount = chunks.count
    let offset = seriesOffset(id)
    let file = file
    let bytes = file.bytes
    do throws(BlockError) {
      let body = try Self.seriesBody(in: bytes, at: offset)
      do {
        try SeriesEntry.decode(bytes.extracting(body), labels: &labels, chunks: &chunks)
      } catch {
        throw BlockError.decoding(error, section: "series", offset: offset)
      }
    } catch {
      labels.removeLast(labels.count - labelCount)
      chunks.removeLast(chunks.count - chunkCount)
      throw error.inFile(path)
    }
  }

  /// Where the entry of a series begins in the file.
  public func seriesOffset(_ id: UInt32) -> Int {
    version == 1 ? Int(id) : Int(id) * IndexFormat.seriesAlignment
  }

  /// The verified body of the entry at `offset`.
  static func seriesBody(in bytes: RawSpan, at offset: Int) throws(BlockError) -> Range<Int> {
    guard offset >= IndexFormat.headerByteCount, offset < bytes.byteCount else {
      throw BlockError(
        .badReference, section: "series", offset: offset, detail: "lies outside the file")
    }
    let body: Range<Int>
    do throws(DecodeError) {
      var cursor = ByteDecoder(bytes, at: offset)
      body = try cursor.lengthPrefixed()
      guard cursor.remaining >= 4 else { throw DecodeError.truncated }
    } catch {
      throw .decoding(error, section: "series", offset: offset)
    }
    let computed = CRC32C(bytes.extracting(body)).value
    let stored = bytes.bigEndianUInt32(at: body.upperBound)
    guard computed == stored else {
      throw .checksum(computed: computed, stored: stored, section: "series", offset: offset)
    }
    return body
  }

  /// The labels of a series as bytes.
  public func labels(_ references: some Sequence<LabelReference>) throws(BlockError) -> LabelSet {
    let file = file
    let bytes = file.bytes
    let symbols = try symbols
    var set = LabelSet()
    for label in references {
      let name = try inFile { () throws(BlockError) in
        try symbols.range(of: label.name, in: bytes)
      }
      let value = try inFile { () throws(BlockError) in
        try symbols.range(of: label.value, in: bytes)
      }
      set.append(name: bytes.extracting(name), value: bytes.extracting(value))
    }
    return set
  }

  private func inFile<T>(_ body: () throws(BlockError) -> T) throws(BlockError) -> T {
    do {
      return try body()
    } catch {
      throw error.inFile(path)
    }
  }
}
