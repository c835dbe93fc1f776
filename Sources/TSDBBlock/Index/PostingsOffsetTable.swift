/// Which list of series ids belongs to a label pair:
///
///     ┌ byteCount u32 ┬ n u32 ┬ n × (2 u8 · uvarint name · uvarint value · uvarint offset) ┬ crc ┐
///
/// Of each name every 32nd value's position and the last one are remembered. The table is scanned
/// and verified once; a version 1 table, which may be unsorted, is remembered whole and sorted.
///
/// The table works on any bytes that hold it: a whole index, an index-header, a fetched range.
/// Ranges of values are positions in these bytes, ``slice``; offsets and ranges of lists are
/// positions in the index.
public struct PostingsOffsetTable: Sendable {
  /// What holds the table, and perhaps more.
  public internal(set) var slice: ByteSlice
  /// From the entry count to behind the last entry.
  let content: Range<Int>
  let names: [Name]
  let samples: [Int]
  /// Values between two samples; 1 when the table is not sorted.
  let distance: Int
  /// Where the last list ends, at the latest.
  let listsEnd: Int

  struct Name: Sendable {
    /// The name's bytes, in `slice`.
    var range: Range<Int>
    /// Its part of `samples`.
    var samples: Range<Int>
    var valueCount: Int
  }

  struct Entry {
    var name: Range<Int>
    var value: Range<Int>
    /// File offset of the list.
    var list: UInt64
    /// Position behind the entry, in `slice`.
    var end: Int
  }

  /// The table of a part of an index that was fetched alone: the bytes from the table of contents'
  /// `postingsOffsetTable`, at least to the table's checksum.
  ///
  /// - Parameters:
  ///   - part: begins with the table's byte count.
  ///   - fileOffset: where `part` begins in the index, which is where the last list ends.
  /// - Throws: ``BlockError`` when the table is damaged.
  /// - Complexity: O(bytes of the table).
  public init(part: ByteSlice, fileOffset: Int) throws(BlockError) {
    try self.init(index: part, at: 0, listsEnd: fileOffset)
  }

  /// - Parameters:
  ///   - offset: of the table's byte count in `index`.
  ///   - listsEnd: where the table begins in the index file.
  /// - Complexity: O(bytes of the table).
  init(index: ByteSlice, at offset: Int, listsEnd: Int) throws(BlockError) {
    let bytes = index.bytes
    self.listsEnd = listsEnd
    let section = try IndexSection(in: bytes, at: offset, name: Self.section)
    try section.verify(in: bytes, name: Self.section)
    let count = try section.entryCount(in: bytes, entrySize: 4, name: Self.section)
    slice = index
    if let scan = try Self.scanSorted(bytes, section.content, count) {
      names = scan.names
      samples = scan.samples
      content = section.content.lowerBound..<scan.end
      distance = IndexFormat.samplingDistance
    } else {
      let scan = try Self.scanUnsorted(bytes, section.content, count)
      names = scan.names
      samples = scan.samples
      content = section.content.lowerBound..<scan.end
      distance = 1
    }
  }

  static let section = "postings offset table"

  // MARK: Scanning

  static func entry(
    in index: RawSpan, _ content: Range<Int>, at position: Int
  ) throws(BlockError) -> Entry {
    let base = content.lowerBound
    do throws(DecodeError) {
      var cursor = ByteDecoder(index.extracting(content), at: position - base)
      guard try cursor.uint8() == IndexFormat.offsetTableKeyCount else {
        throw DecodeError.malformed
      }
      let name = try cursor.lengthPrefixed()
      let value = try cursor.lengthPrefixed()
      let list = try cursor.uvarint()
      return Entry(
        name: base + name.lowerBound..<base + name.upperBound,
        value: base + value.lowerBound..<base + value.upperBound,
        list: list, end: base + cursor.position)
    } catch {
      throw .decoding(error, section: section, offset: position)
    }
  }

  /// Nil when the entries are not in order.
  private static func scanSorted(
    _ index: RawSpan, _ content: Range<Int>, _ count: Int
  ) throws(BlockError) -> (names: [Name], samples: [Int], end: Int)? {
    var names: [Name] = []
    var samples: [Int] = []
    var position = content.lowerBound + 4
    var previous: Entry?
    var previousPosition = position
    for _ in 0..<count {
      let entry = try entry(in: index, content, at: position)
      let isSameName: Bool
      if let previous {
        let nameOrder = ByteOrder.compare(
          index.extracting(previous.name), index.extracting(entry.name))
        let valueOrder = ByteOrder.compare(
          index.extracting(previous.value), index.extracting(entry.value))
        guard nameOrder < 0 || (nameOrder == 0 && valueOrder < 0) else { return nil }
        isSameName = nameOrder == 0
      } else {
        isSameName = false
      }
      if !isSameName {
        close(&names, &samples, lastPosition: previousPosition)
        names.append(
          Name(range: entry.name, samples: samples.count..<samples.count, valueCount: 0))
      }
      let last = names.count - 1
      if names[last].valueCount % IndexFormat.samplingDistance == 0 { samples.append(position) }
      names[last].valueCount += 1
      previous = entry
      previousPosition = position
      position = entry.end
    }
    close(&names, &samples, lastPosition: previousPosition)
    return (names, samples, position)
  }

  /// Ends a name: its last value is remembered too.
  private static func close(_ names: inout [Name], _ samples: inout [Int], lastPosition: Int) {
    guard let last = names.indices.last else { return }
    if samples.last != lastPosition { samples.append(lastPosition) }
    names[last].samples = names[last].samples.lowerBound..<samples.count
  }

  private static func scanUnsorted(
    _ index: RawSpan, _ content: Range<Int>, _ count: Int
  ) throws(BlockError) -> (names: [Name], samples: [Int], end: Int) {
    var entries: [(name: [UInt8], value: [UInt8], position: Int, range: Range<Int>)] = []
    var position = content.lowerBound + 4
    for _ in 0..<count {
      let entry = try entry(in: index, content, at: position)
      entries.append(
        (
          [UInt8](index.extracting(entry.name)), [UInt8](index.extracting(entry.value)), position,
          entry.name
        ))
      position = entry.end
    }
    entries.sort { left, right in
      let order = ByteOrder.compare(left.name.rawSpan, right.name.rawSpan)
      return order != 0 ? order < 0 : ByteOrder.precedes(left.value, right.value)
    }
    var names: [Name] = []
    for (place, entry) in entries.enumerated() {
      if place == 0 || entries[place - 1].name != entry.name {
        names.append(Name(range: entry.range, samples: place..<place, valueCount: 0))
      }
      names[names.count - 1].valueCount += 1
      names[names.count - 1].samples = names[names.count - 1].samples.lowerBound..<place + 1
    }
    return (names, entries.map(\.position), position)
  }
}
