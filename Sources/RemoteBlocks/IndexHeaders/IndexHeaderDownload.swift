internal import ObjectStore
internal import TSDBBlock

/// Makes an index-header from an index in the bucket:
///
///     attributes                  how long the index is
///     5 bytes, last 56 bytes      where its sections are
///     symbols, offset table       copied, in parts of 16 MiB when they are long
struct IndexHeaderDownload: Sendable {
  /// So many parts are in memory at once.
  private static let partsAtOnce = 4
  /// The table of contents, and the checksum before it.
  private static let tailByteCount = IndexHeaderLayout.tailByteCount + 4

  let reader: RangeReader
  /// `<ULID>/index`.
  let index: ObjectName
  var partByteCount = 16 << 20

  /// Bytes of the index now.
  func indexByteCount() async throws(RemoteBlockError) -> Int {
    try await reader.attributes(of: index).size
  }

  /// The table of contents at the end of an index of so many bytes.
  func tableOfContents(
    indexByteCount: Int
  ) async throws(RemoteBlockError) -> TableOfContents {
    let tail = try await reader.read(
      max(0, indexByteCount - IndexHeaderLayout.tailByteCount)..<indexByteCount, of: index,
      byteCount: indexByteCount)
    return try damaged { () throws(BlockError) in
      try TableOfContents(tail: tail.rawSpan, fileByteCount: indexByteCount)
    }
  }

  /// Which parts of the index to copy.
  func layout() async throws(RemoteBlockError) -> IndexHeaderLayout {
    let byteCount = try await indexByteCount()
    let ends = try await reader.read(
      [
        0..<min(IndexHeaderLayout.headByteCount, byteCount),
        max(0, byteCount - Self.tailByteCount)..<byteCount,
      ], of: index, byteCount: byteCount)
    let (head, tail) = (ends[0], ends[1])
    return try damaged { () throws(BlockError) in
      try IndexHeaderLayout(
        head: head.rawSpan, tail: tail.rawSpan, indexByteCount: byteCount)
    }
  }

  /// Calls `write` with the pieces of the header and their places in it, in any order.
  func copy(
    _ layout: IndexHeaderLayout,
    _ write: (_ bytes: [UInt8], _ offset: Int) async throws(RemoteBlockError) -> Void
  ) async throws(RemoteBlockError) {
    let prefix = layout.prefix
    try await write(prefix, 0)
    var ranges: [Range<Int>] = []
    var offsets: [Int] = []
    var end = prefix.count
    for section in [layout.symbols, layout.postingsOffsets] {
      var start = section.lowerBound
      while start < section.upperBound {
        let range = start..<min(start + partByteCount, section.upperBound)
        ranges.append(range)
        offsets.append(end)
        end += range.count
        start = range.upperBound
      }
    }
    try await reader.forEach(
      ranges, of: index, byteCount: layout.postingsOffsets.upperBound, atOnce: Self.partsAtOnce
    ) { (place, bytes) async throws(RemoteBlockError) in
      try await write(bytes, offsets[place])
    }
    try await write(layout.suffix, end)
  }

  /// Bytes of the header.
  func byteCount(_ layout: IndexHeaderLayout) -> Int {
    layout.prefix.count + layout.symbols.count + layout.postingsOffsets.count
      + layout.suffix.count
  }

  private func damaged<Value>(
    _ body: () throws(BlockError) -> Value
  ) throws(RemoteBlockError) -> Value {
    do {
      return try body()
    } catch {
      throw .damaged(error.inFile(index.text))
    }
  }
}
