/// A list that was fetched from an index alone.
///
///     ┌ n u32 · n × series id u32 ┬ crc, if it was fetched too ┐
///     └ range of the offset table ┘
public struct FetchedPostings: Sendable {
  /// What was fetched.
  public let slice: ByteSlice
  let list: PostingsList

  /// - Parameters:
  ///   - slice: begins with the entry count, as the ranges of ``PostingsOffsetTable`` do.
  ///   - hasChecksum: whether at least four bytes more than the range were fetched. The checksum is
  ///     compared then; without it a damaged list is not noticed.
  ///   - fileOffset: where the slice begins in the index, for errors.
  /// - Throws: ``BlockError`` when the list does not fit into the slice or its checksum differs.
  public init(_ slice: ByteSlice, hasChecksum: Bool, fileOffset: Int) throws(BlockError) {
    let bytes = slice.bytes
    let available = bytes.byteCount - (hasChecksum ? 4 : 0)
    guard available >= 4 else {
      throw BlockError(
        .truncated, section: "postings", offset: fileOffset, detail: "has no entry count")
    }
    let count = Int(bytes.bigEndianUInt32(at: 0))
    guard count <= (available - 4) / 4 else {
      throw BlockError(
        .truncated, section: "postings", offset: fileOffset,
        detail: "claims \(count) entries, \(available) bytes are there")
    }
    if hasChecksum {
      let end = 4 + 4 * count
      let computed = CRC32C(bytes.extracting(0..<end)).value
      let stored = bytes.bigEndianUInt32(at: end)
      guard computed == stored else {
        throw .checksum(
          computed: computed, stored: stored, section: "postings", offset: fileOffset)
      }
    }
    self.slice = slice
    list = PostingsList(start: 4, count: count)
  }

  /// Number of series.
  public var count: Int { list.count }

  /// The ids of the series, increasing.
  public var ids: [UInt32] {
    var ids: [UInt32] = []
    let slice = slice
    list.append(to: &ids, in: slice.bytes)
    return ids
  }
}
