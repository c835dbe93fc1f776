/// The parts of an index that answer which bytes of it to fetch, in a file of Thanos' form:
///
///     ┌ magic BAAAD792 · 1 u8 · index version u8 · table offset in the index u64 │ 14 bytes ┐
///     │ symbols, with checksum and padding                        copied from the index      │
///     │ postings offset table · the index's table of contents     copied from the index      │
///     └ symbols offset u64 · table offset u64 · crc of these                     20 bytes    ┘
///
/// Everything is verified when it is opened. Safe to use from several tasks.
public struct IndexHeader: Sendable {
  /// 1 or 2; byte 3 is read as 2.
  public let indexVersion: UInt8
  /// The symbol table of the index.
  public internal(set) var symbols: SymbolTable
  /// Which list stands where in the index.
  public internal(set) var postingsOffsets: PostingsOffsetTable
  /// Of the index.
  public let tableOfContents: TableOfContents
  /// Bytes of the index this header was made from. Another size means that it is out of date.
  public let indexByteCount: Int

  // On disk, never renumber.
  static let magic: UInt32 = 0xBAAA_D792
  static let version: UInt8 = 1
  static let prefixByteCount = 14
  static let suffixByteCount = 20

  /// - Throws: ``BlockError`` when the file is damaged or its parts do not fit each other.
  /// - Complexity: O(bytes of the file).
  public init(_ file: ByteSlice, path: String = "index-header") throws(BlockError) {
    do {
      try self.init(checking: file)
    } catch {
      throw error.inFile(path)
    }
  }

  private init(checking file: ByteSlice) throws(BlockError) {
    let bytes = file.bytes
    let suffix = bytes.byteCount - Self.suffixByteCount
    guard suffix >= Self.prefixByteCount else {
      throw BlockError(
        .truncated, section: "header", offset: 0,
        detail: "the file has only \(bytes.byteCount) bytes")
    }
    indexVersion = try Self.checkPrefix(bytes)
    let (symbolsOffset, tableOffset) = try Self.readSuffix(bytes, at: suffix)
    let listsEnd = Int(clamping: bytes.bigEndianUInt64(at: 6))
    guard listsEnd <= 2 * IndexFormat.byteCountLimit else {
      throw BlockError(
        .malformed, section: "header", offset: 6,
        detail: "says that the postings offset table begins at \(listsEnd)")
    }
    indexByteCount = listsEnd + suffix - tableOffset
    tableOfContents = try TableOfContents(
      tail: bytes.extracting(0..<suffix), fileByteCount: indexByteCount)
    guard tableOfContents.postingsOffsetTable == listsEnd else {
      throw BlockError(
        .malformed, section: "header", offset: 6,
        detail: "says that the postings offset table begins at \(listsEnd), the index says "
          + "\(tableOfContents.postingsOffsetTable)")
    }
    symbols = try SymbolTable(
      index: file, at: symbolsOffset, version: indexVersion,
      fileOffset: tableOfContents.symbols - symbolsOffset)
    postingsOffsets = try PostingsOffsetTable(index: file, at: tableOffset, listsEnd: listsEnd)
  }

  /// Where the entry of a series begins in the index.
  public func seriesOffset(_ id: UInt32) -> Int {
    indexVersion == 1 ? Int(id) : Int(id) * IndexFormat.seriesAlignment
  }

  private static func checkPrefix(_ bytes: RawSpan) throws(BlockError) -> UInt8 {
    let found = bytes.bigEndianUInt32(at: 0)
    guard found == magic else {
      throw BlockError(
        .badMagic, section: "header", offset: 0,
        detail: "begins with \(hex(found)), an index-header begins with \(hex(magic))")
    }
    guard bytes.byte(at: 4) == version else {
      throw BlockError(
        .unsupportedVersion, section: "header", offset: 4,
        detail: "index-header version \(bytes.byte(at: 4)) is not known")
    }
    return try IndexFormat.version(bytes.byte(at: 5), at: 5)
  }

  private static func readSuffix(
    _ bytes: RawSpan, at start: Int
  ) throws(BlockError) -> (symbols: Int, table: Int) {
    let computed = CRC32C(bytes.extracting(start..<start + 16)).value
    let stored = bytes.bigEndianUInt32(at: start + 16)
    guard computed == stored else {
      throw .checksum(
        computed: computed, stored: stored, section: "table of contents", offset: start)
    }
    let symbols = Int(clamping: bytes.bigEndianUInt64(at: start))
    let table = Int(clamping: bytes.bigEndianUInt64(at: start + 8))
    guard prefixByteCount <= symbols, symbols <= table, table <= start else {
      throw BlockError(
        .malformed, section: "table of contents", offset: start,
        detail: "puts symbols at \(symbols) and the postings offset table at \(table)")
    }
    return (symbols, table)
  }
}
