/// The postings offset table of a block being scanned.
extension BlockScanner {
  struct TableEntry: Sendable {
    var name: Range<Int>
    var value: Range<Int>
    var list: UInt64

    /// Whether it is the list of all series.
    var isAll: Bool { name.isEmpty && value.isEmpty }
  }

  /// The entries, nil when the table is damaged.
  mutating func readTable(_ bytes: RawSpan, _ section: IndexSection) -> [TableEntry]? {
    let name = PostingsOffsetTable.section
    let base = section.content.lowerBound
    do throws(BlockError) {
      try section.verify(in: bytes, name: name)
    } catch {
      scan.log.report(.postingsTable, Self.indexPath, error)
      return nil
    }
    var cursor = ByteDecoder(bytes.extracting(section.content))
    var entries: [TableEntry] = []
    do throws(DecodeError) {
      let count = try cursor.uint32()
      for _ in 0..<Int(count) {
        let start = base + cursor.position
        guard try cursor.uint8() == IndexFormat.offsetTableKeyCount else { throw .malformed }
        let name = try cursor.lengthPrefixed()
        let value = try cursor.lengthPrefixed()
        let entry = TableEntry(
          name: base + name.lowerBound..<base + name.upperBound,
          value: base + value.lowerBound..<base + value.upperBound,
          list: try cursor.uvarint())
        if version != 1, let last = entries.last, !precedes(bytes, last, entry) {
          scan.log.report(
            .postingsTableOrder, Self.indexPath, PostingsOffsetTable.section, at: start,
            "an entry does not sort behind the one before it; look-ups miss some")
        }
        entries.append(entry)
      }
      return entries
    } catch {
      scan.log.report(
        .postingsTable, Self.indexPath,
        .decoding(error, section: name, offset: base + cursor.position))
      return nil
    }
  }

  private func precedes(_ bytes: RawSpan, _ left: TableEntry, _ right: TableEntry) -> Bool {
    let order = ByteOrder.compare(bytes.extracting(left.name), bytes.extracting(right.name))
    guard order == 0 else { return order < 0 }
    return ByteOrder.compare(bytes.extracting(left.value), bytes.extracting(right.value)) < 0
  }
}
