/// Which list of series ids belongs to a label pair:
///
///     ┌ byteCount u32 ┬ n u32 ┬ n × (2 u8 · uvarint name · uvarint value · uvarint offset) ┬ crc ┐
///
/// Of each name every 32nd value's position and the last one are remembered. The table is scanned
/// and verified once; a version 1 table, which may be unsorted, is remembered whole and sorted.
public struct PostingsOffsetTable: Sendable {
  private let slice: ByteSlice
  private let content: Range<Int>
  private let names: [Name]
  private let samples: [Int]
  private let distance: Int

  private struct Name: Sendable {
    /// The name's bytes, in the file.
    var range: Range<Int>
    /// Its part of `samples`.
    var samples: Range<Int>
    var valueCount: Int
  }

  private struct Entry {
    var name: Range<Int>
    var value: Range<Int>
    /// File offset of the list.
    var list: UInt64
    /// Position behind the entry, in the file.
    var end: Int
  }

  /// - Complexity: O(bytes of the table).
  init(index: ByteSlice, at offset: Int, version: UInt8) throws(BlockError) {
    let bytes = index.bytes
    let section = try IndexSection(in: bytes, at: offset, name: Self.section)
    try section.verify(in: bytes, name: Self.section)
    let count = try section.entryCount(in: bytes, entrySize: 4, name: Self.section)
    slice = index
    content = section.content
    if let scan = try Self.scanSorted(bytes, section.content, count) {
      names = scan.names
      samples = scan.samples
      distance = IndexFormat.samplingDistance
    } else {
      let scan = try Self.scanUnsorted(bytes, section.content, count)
      names = scan.names
      samples = scan.samples
      distance = 1
    }
  }

  static let section = "postings offset table"

  // MARK: Scanning

  private static func entry(
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
  ) throws(BlockError) -> (names: [Name], samples: [Int])? {
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
    return (names, samples)
  }

  /// Ends a name: its last value is remembered too.
  private static func close(_ names: inout [Name], _ samples: inout [Int], lastPosition: Int) {
    guard let last = names.indices.last else { return }
    if samples.last != lastPosition { samples.append(lastPosition) }
    names[last].samples = names[last].samples.lowerBound..<samples.count
  }

  private static func scanUnsorted(
    _ index: RawSpan, _ content: Range<Int>, _ count: Int
  ) throws(BlockError) -> (names: [Name], samples: [Int]) {
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
    return (names, entries.map(\.position))
  }

  // MARK: Looking up

  /// All label names, sorted. The entry of all series has the empty name and is left out.
  public var labelNames: [[UInt8]] {
    let bytes = slice.bytes
    var result: [[UInt8]] = []
    for name in names where !name.range.isEmpty {
      result.append([UInt8](bytes.extracting(name.range)))
    }
    return result
  }

  /// Number of values of the label, 0 when no series has it.
  public func valueCount(of name: [UInt8]) -> Int { find(name)?.valueCount ?? 0 }

  /// File offset of the list of a label pair, nil when no series has it. `("", "")` stands for all
  /// series.
  ///
  /// - Complexity: O(log values), and at most 32 entries are read.
  public func listOffset(name: [UInt8], value: [UInt8]) throws(BlockError) -> UInt64? {
    guard let name = find(name) else { return nil }
    let bytes = slice.bytes
    var low = name.samples.lowerBound
    var high = name.samples.upperBound
    // The last sample whose value does not sort behind the one wanted.
    while high - low > 1 {
      let middle = (low + high) / 2
      let entry = try Self.entry(in: bytes, content, at: samples[middle])
      if ByteOrder.compare(bytes.extracting(entry.value), value.rawSpan) <= 0 {
        low = middle
      } else {
        high = middle
      }
    }
    var position = samples[low]
    for _ in 0..<distance {
      let entry = try Self.entry(in: bytes, content, at: position)
      let order = ByteOrder.compare(bytes.extracting(entry.value), value.rawSpan)
      if order == 0 { return entry.list }
      if order > 0 || position == samples[name.samples.upperBound - 1] { return nil }
      position = entry.end
    }
    return nil
  }

  /// Calls `body` with each value of the label, in order, until it returns false.
  ///
  /// - Complexity: O(values of the label).
  public func forEachValue(
    of name: [UInt8],
    _ body: (_ value: Range<Int>, _ listOffset: UInt64) throws(BlockError) -> Bool
  ) throws(BlockError) {
    guard let name = find(name) else { return }
    let bytes = slice.bytes
    if distance == 1 {
      for sample in name.samples {
        let entry = try Self.entry(in: bytes, content, at: samples[sample])
        guard try body(entry.value, entry.list) else { return }
      }
      return
    }
    var position = samples[name.samples.lowerBound]
    for _ in 0..<name.valueCount {
      let entry = try Self.entry(in: bytes, content, at: position)
      guard try body(entry.value, entry.list) else { return }
      position = entry.end
    }
  }

  private func find(_ wanted: [UInt8]) -> Name? {
    let bytes = slice.bytes
    var low = 0
    var high = names.count
    while low < high {
      let middle = (low + high) / 2
      let order = ByteOrder.compare(bytes.extracting(names[middle].range), wanted.rawSpan)
      if order == 0 { return names[middle] }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }
}
