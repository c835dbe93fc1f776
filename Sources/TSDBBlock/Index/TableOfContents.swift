/// Where the sections of an index begin; the last 52 bytes of the file.
///
/// Positions are those before padding, so a section's first entry may stand a few bytes later.
/// Since Prometheus 3.7 the label index entries repeat those of the postings.
public struct TableOfContents: Equatable, Sendable {
  /// Where the symbol table begins.
  public var symbols = 0
  /// Where the series entries begin.
  public var series = 0
  /// Where the label indices begin; today's readers do not need them.
  public var labelIndices = 0
  /// Where the table of the label indices begins, likewise.
  public var labelOffsetTable = 0
  /// Where the postings lists begin.
  public var postings = 0
  /// Where the table begins that tells which list stands where.
  public var postingsOffsetTable = 0

  init() {}

  /// Reads the table from the end of `index`.
  ///
  /// - Throws: ``BlockError`` when the file is too short, the checksum differs, or an entry that
  ///   readers need lies outside the file.
  init(index: RawSpan) throws(BlockError) {
    try self.init(tail: index, fileByteCount: index.byteCount)
  }

  /// Reads the table from the last bytes of an index.
  ///
  /// - Parameters:
  ///   - tail: ends where the index ends; 52 bytes are enough.
  ///   - fileByteCount: bytes of the whole index.
  /// - Throws: ``BlockError`` when the file is too short, the checksum differs, or an entry that
  ///   readers need lies outside the file.
  public init(tail: RawSpan, fileByteCount: Int) throws(BlockError) {
    let start = fileByteCount - IndexFormat.tableOfContentsByteCount
    guard start >= IndexFormat.headerByteCount,
      tail.byteCount >= IndexFormat.tableOfContentsByteCount
    else {
      throw BlockError(
        .truncated, section: "table of contents", offset: max(start, 0),
        detail: "the file has only \(min(fileByteCount, tail.byteCount)) bytes")
    }
    let tableStart = tail.byteCount - IndexFormat.tableOfContentsByteCount
    let table = tail.extracting(tableStart..<tail.byteCount - 4)
    let stored = tail.bigEndianUInt32(at: tail.byteCount - 4)
    let computed = CRC32C(table).value
    guard stored == computed else {
      throw .checksum(
        computed: computed, stored: stored, section: "table of contents", offset: start)
    }
    func entry(_ index: Int) -> Int { Int(clamping: table.bigEndianUInt64(at: 8 * index)) }
    symbols = entry(0)
    series = entry(1)
    labelIndices = entry(2)
    labelOffsetTable = entry(3)
    postings = entry(4)
    postingsOffsetTable = entry(5)
    for (name, offset) in [("symbols", symbols), ("postings offset table", postingsOffsetTable)]
    where offset < IndexFormat.headerByteCount || offset > start - 8 {
      throw BlockError(
        .malformed, section: "table of contents", offset: start,
        detail: "says that \(name) begin at \(offset), outside the file")
    }
  }

  /// The table as it stands at the end of an index.
  func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    for offset in [symbols, series, labelIndices, labelOffsetTable, postings, postingsOffsetTable] {
      bytes.append(bigEndian: UInt64(offset))
    }
    bytes.append(bigEndian: CRC32C(bytes.rawSpan).value)
    return bytes
  }
}
