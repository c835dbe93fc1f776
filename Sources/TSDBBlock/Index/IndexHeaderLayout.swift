/// How to make an index-header from an index that is far away: which two parts to copy, and what to
/// put around them.
///
///     first 5 bytes, last 52 bytes ──► layout
///     prefix · index[symbols] · index[postingsOffsets] · suffix ──► index-header
public struct IndexHeaderLayout: Sendable {
  /// Parts of the index to copy, in this order.
  public let symbols: Range<Int>
  /// The second one: the offset table and the table of contents.
  public let postingsOffsets: Range<Int>
  /// Of the index.
  public let tableOfContents: TableOfContents
  private let versionByte: UInt8

  /// Bytes of the index that are needed from its start and its end.
  public static let headByteCount = IndexFormat.headerByteCount
  /// Bytes that are needed from the end.
  public static let tailByteCount = IndexFormat.tableOfContentsByteCount

  /// - Parameters:
  ///   - head: the first ``headByteCount`` bytes of the index, or more.
  ///   - tail: its last ``tailByteCount`` bytes, or more.
  ///   - indexByteCount: bytes of the index.
  /// - Throws: ``BlockError`` when they are damaged.
  public init(head: RawSpan, tail: RawSpan, indexByteCount: Int) throws(BlockError) {
    _ = try IndexReader.checkHeader(head)
    versionByte = head.byte(at: 4)
    let contents = try TableOfContents(tail: tail, fileByteCount: indexByteCount)
    guard contents.symbols <= contents.series, contents.series <= contents.postingsOffsetTable
    else {
      throw BlockError(
        .malformed, section: "table of contents",
        offset: indexByteCount - IndexFormat.tableOfContentsByteCount,
        detail: "series begin at \(contents.series), not between symbols and postings")
    }
    tableOfContents = contents
    symbols = contents.symbols..<contents.series
    postingsOffsets = contents.postingsOffsetTable..<indexByteCount
  }

  /// What stands before the copied parts.
  public var prefix: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: IndexHeader.magic)
    bytes.append(IndexHeader.version)
    bytes.append(versionByte)
    bytes.append(bigEndian: UInt64(postingsOffsets.lowerBound))
    return bytes
  }

  /// What stands behind them.
  public var suffix: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: UInt64(IndexHeader.prefixByteCount))
    bytes.append(bigEndian: UInt64(IndexHeader.prefixByteCount + symbols.count))
    bytes.append(bigEndian: CRC32C(bytes.rawSpan).value)
    return bytes
  }

  /// The index-header of an index that is at hand.
  public static func indexHeader(of file: ByteSlice) throws(BlockError) -> [UInt8] {
    let index = file.bytes
    let layout = try IndexHeaderLayout(head: index, tail: index, indexByteCount: index.byteCount)
    var bytes = layout.prefix
    bytes.append(index.extracting(layout.symbols))
    bytes.append(index.extracting(layout.postingsOffsets))
    bytes += layout.suffix
    return bytes
  }
}
