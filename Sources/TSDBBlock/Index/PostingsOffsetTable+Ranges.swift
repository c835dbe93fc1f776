/// Which bytes of an index hold a list, known without the list: what a reader fetches that has only
/// the table.
///
///     ┌ byteCount u32 ┬ n u32 · ids ┬ crc ┐┌ byteCount …
///     offset          └─── range ───┘      next offset
///
/// A list has no length in the table; it ends where the next one begins. What is behind the last
/// one, up to the table, belongs to its range, as do bytes of padding: the count tells what counts.
extension PostingsOffsetTable {
  /// The bytes of a label pair's list in the index, from its entry count to before its checksum;
  /// nil when no series has it. `("", "")` stands for all series.
  ///
  /// Fetch four bytes more to be able to verify the list, see ``FetchedPostings``.
  ///
  /// - Throws: ``BlockError`` when the table cannot be right.
  /// - Complexity: O(log values), and at most 33 entries are read; O(values) in a table that is not
  ///   sorted.
  public func listRange(name: [UInt8], value: [UInt8]) throws(BlockError) -> Range<Int>? {
    guard let entry = try find(name: name, value: value) else { return nil }
    let next =
      distance == 1 ? try nextList(behind: entry.list) : try list(at: entry.end)
    return try range(of: entry.list, next: next)
  }

  /// Calls `body` with each value of the label, in order, and its list's range, until it returns
  /// false.
  ///
  /// - Parameters:
  ///   - name: of the label.
  ///   - body: gets the value's range in ``slice``.
  /// - Complexity: O(values of the label).
  public func forEachListRange(
    of name: [UInt8],
    _ body: (_ value: Range<Int>, _ list: Range<Int>) throws(BlockError) -> Bool
  ) throws(BlockError) {
    guard distance > 1 else {
      let offsets = try sortedListOffsets()
      try forEachValue(of: name) { (value, offset) throws(BlockError) in
        let place = offsets.partitioned { $0 <= offset }
        let next = place < offsets.count ? offsets[place] : nil
        return try body(value, try range(of: offset, next: next))
      }
      return
    }
    guard let name = find(name) else { return }
    let bytes = slice.bytes
    var entry = try Self.entry(in: bytes, content, at: samples[name.samples.lowerBound])
    for left in stride(from: name.valueCount - 1, through: 0, by: -1) {
      let next = entry.end < content.upperBound ? try next(behind: entry, in: bytes) : nil
      guard try body(entry.value, try range(of: entry.list, next: next?.list)) else { return }
      guard left > 0, let next else { return }
      entry = next
    }
  }

  private func next(behind entry: Entry, in bytes: RawSpan) throws(BlockError) -> Entry {
    try Self.entry(in: bytes, content, at: entry.end)
  }

  private func list(at position: Int) throws(BlockError) -> UInt64? {
    guard position < content.upperBound else { return nil }
    return try Self.entry(in: slice.bytes, content, at: position).list
  }

  private func range(of list: UInt64, next: UInt64?) throws(BlockError) -> Range<Int> {
    let start = Int(clamping: list)
    let end = next.map { Int(clamping: $0) } ?? listsEnd
    // Byte count, entry count and checksum: no list is shorter.
    guard end >= 12, start <= end - 12 else {
      throw BlockError(
        .malformed, section: Self.section, offset: content.lowerBound,
        detail: "says that a list begins at \(list) and ends at \(end)")
    }
    return start + 4..<end - 4
  }

  private func nextList(behind list: UInt64) throws(BlockError) -> UInt64? {
    var nearest: UInt64?
    for sample in samples {
      let other = try Self.entry(in: slice.bytes, content, at: sample).list
      if other > list { nearest = min(nearest ?? other, other) }
    }
    return nearest
  }

  private func sortedListOffsets() throws(BlockError) -> [UInt64] {
    var offsets: [UInt64] = []
    for sample in samples {
      offsets.append(try Self.entry(in: slice.bytes, content, at: sample).list)
    }
    return offsets.sorted()
  }
}
