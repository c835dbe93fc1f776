/// What stands behind the series: lists and tables, each in a frame of length and checksum.
extension IndexMap {
  struct Frame {
    enum Content {
      case list, labelIndex
      /// With this many strings in a key.
      case table(keys: Int)
    }

    var start: Int
    var end: Int
    var content: Content
    var entries: Int
    var isSound: Bool

    var isList: Bool { if case .list = content { isSound } else { false } }
  }

  /// The frame at a position or behind its padding.
  mutating func frame(_ bytes: RawSpan, at position: Int, before tail: Int) -> Frame? {
    let isTable =
      contents.map { position == $0.postingsOffsetTable || position == $0.labelOffsetTable }
    if isTable == true { return table(bytes, at: position, before: tail) }
    let start = position + IndexFormat.padding(at: position, to: IndexFormat.postingsAlignment)
    if let list = list(bytes, at: start, before: tail) { return list }
    return isTable == nil ? table(bytes, at: position, before: tail) : nil
  }

  private func section(_ bytes: RawSpan, at start: Int, before tail: Int) -> IndexSection? {
    guard start + 8 <= tail,
      let section = try? IndexSection(
        in: bytes.extracting(0..<tail), at: start, name: "section"),
      section.content.count >= 4
    else { return nil }
    return section
  }

  private mutating func isSound(_ section: IndexSection, _ bytes: RawSpan) -> Bool {
    guard section.content.count <= searchBudget else { return false }
    if CRC32C(bytes.extracting(section.content)).value == section.storedChecksum { return true }
    searchBudget -= section.content.count
    return false
  }

  private mutating func list(_ bytes: RawSpan, at start: Int, before tail: Int) -> Frame? {
    guard let section = section(bytes, at: start, before: tail) else { return nil }
    let entries = Int(bytes.bigEndianUInt32(at: section.content.lowerBound))
    let end = section.content.upperBound + 4
    if let contents, start >= contents.labelIndices, end <= contents.postings,
      contents.labelIndices > 0, contents.labelIndices < contents.postings
    {
      return Frame(
        start: start, end: end, content: .labelIndex,
        entries: Int(bytes.bigEndianUInt32(at: section.content.lowerBound)),
        isSound: isSound(section, bytes))
    }
    // A list says its size twice.
    guard section.content.count == 4 + 4 * entries else { return nil }
    return Frame(
      start: start, end: end, content: .list, entries: entries, isSound: isSound(section, bytes))
  }

  private mutating func table(_ bytes: RawSpan, at start: Int, before tail: Int) -> Frame? {
    guard let section = section(bytes, at: start, before: tail) else { return nil }
    let isKnown = contents.map { start == $0.postingsOffsetTable || start == $0.labelOffsetTable }
    let isSound = isSound(section, bytes)
    guard isKnown ?? isSound else { return nil }
    let keys = section.content.count > 4 ? Int(bytes.byte(at: section.content.lowerBound + 4)) : 2
    return Frame(
      start: start, end: section.content.upperBound + 4,
      content: .table(keys: keys == 1 ? 1 : 2),
      entries: Int(bytes.bigEndianUInt32(at: section.content.lowerBound)), isSound: isSound)
  }

  /// The next place behind a position where something is known to begin.
  mutating func nextKnown(behind position: Int, _ bytes: RawSpan, before tail: Int) -> Int {
    var next = tail
    if let contents {
      for place in [
        contents.labelIndices, contents.labelOffsetTable, contents.postings,
        contents.postingsOffsetTable,
      ] where place > position { next = min(next, place) }
    }
    return min(next, lists.next(behind: position) ?? tail)
  }

  // MARK: Showing

  func show(_ frame: Frame, _ bytes: RawSpan, _ visit: RegionVisitor) throws -> Bool {
    let range = frame.start..<frame.end
    let damage = frame.isSound ? nil : "has a wrong checksum"
    switch frame.content {
    case .labelIndex:
      return try visit(
        ByteRegion(range, .labelIndex, "label index, read by nobody", damage: damage))
    case .list:
      let label = lists.label(at: frame.start, bytes) ?? "that no table entry leads to"
      return try visit(
        ByteRegion(
          range, .postings, "postings of \(label), \(frame.entries) series", damage: damage))
    case .table(let keys):
      return try showTable(frame, keys, bytes, visit)
    }
  }

  private func showTable(
    _ frame: Frame, _ keys: Int, _ bytes: RawSpan, _ visit: RegionVisitor
  ) throws -> Bool {
    let name = keys == 1 ? "label offset table" : "postings offset table"
    var position = frame.start + 8
    guard try visit(ByteRegion(frame.start..<position, .sectionHead, name)) else { return false }
    let end = frame.end - 4
    while position < end {
      guard let entry = TableEntry(bytes, at: position, before: end) else {
        guard
          try visit(
            ByteRegion(
              position..<end, .unknown, "rest of the \(name)",
              damage: "no entry can be read here"))
        else { return false }
        break
      }
      guard
        try visit(
          ByteRegion(
            position..<entry.end, .tableEntry, "\(entry.label(bytes)) at \(entry.target)"))
      else { return false }
      position = entry.end
    }
    return try visit(Self.checksum(bytes, content: frame.start + 4..<end, of: name))
  }
}

/// An entry of an offset table: strings and the place they lead to.
struct TableEntry {
  var keyCount: Range<Int>
  /// Each with its length in front.
  var keys: [Range<Int>] = []
  var strings: [Range<Int>] = []
  var targetRange: Range<Int>
  var target: UInt64
  var end: Int { targetRange.upperBound }

  init?(_ bytes: RawSpan, at position: Int, before end: Int) {
    var cursor = ByteDecoder(bytes.extracting(0..<end), at: position)
    do throws(DecodeError) {
      let count = try cursor.uint8()
      guard 1...2 ~= count else { return nil }
      keyCount = position..<position + 1
      for _ in 0..<count {
        let start = cursor.position
        strings.append(try cursor.lengthPrefixed())
        keys.append(start..<cursor.position)
      }
      let start = cursor.position
      target = try cursor.uvarint()
      targetRange = start..<cursor.position
    } catch {
      return nil
    }
  }

  func label(_ bytes: RawSpan) -> String {
    let texts = strings.map { [UInt8](bytes.extracting($0)) }
    guard texts.count == 2 else { return LabelText.name(texts[0]) }
    if texts[0].isEmpty { return "all series" }
    return LabelText.name(texts[0]) + "=" + LabelText.quoted(texts[1])
  }
}

/// The symbols of an index that may be damaged, as far as they can be read.
struct MappedSymbols {
  private(set) var ranges: [Range<Int>] = []
  /// Behind the checksum; 0 when the section cannot be found.
  private(set) var end = 0
  private let usesOffsets: Bool

  init(_ bytes: RawSpan, usesOffsets: Bool) {
    self.usesOffsets = usesOffsets
    guard
      let section = try? IndexSection(
        in: bytes, at: IndexFormat.headerByteCount, name: "symbols"), section.content.count >= 4
    else { return }
    end = section.content.upperBound + 4
    let count = Int(bytes.bigEndianUInt32(at: section.content.lowerBound))
    var cursor = ByteDecoder(
      bytes.extracting(0..<section.content.upperBound), at: section.content.lowerBound + 4)
    for _ in 0..<count {
      guard let range = try? cursor.lengthPrefixed() else { return }
      ranges.append(range)
    }
  }

  func text(_ reference: UInt32, _ bytes: RawSpan) -> [UInt8]? {
    if !usesOffsets {
      return Int(reference) < ranges.count
        ? [UInt8](bytes.extracting(ranges[Int(reference)])) : nil
    }
    // Version 1 refers to where the length stands.
    guard Int(reference) < end else { return nil }
    var cursor = ByteDecoder(bytes.extracting(0..<end), at: Int(reference))
    return (try? cursor.lengthPrefixed()).map { [UInt8](bytes.extracting($0)) }
  }

  func label(_ label: LabelReference, _ bytes: RawSpan) -> String {
    let name = text(label.name, bytes).map { LabelText.name($0) } ?? "symbol \(label.name)?"
    let value = text(label.value, bytes).map { LabelText.quoted($0) } ?? "symbol \(label.value)?"
    return "\(name)=\(value)"
  }
}

/// Which label pair each postings list belongs to, by the place of the list.
struct MappedLists {
  private struct List {
    var place: Int
    /// Of the table entry.
    var entry: Int
  }

  private var lists: [List] = []
  private var tableEnd = 0

  init(_ bytes: RawSpan, _ contents: TableOfContents?) {
    guard let start = contents?.postingsOffsetTable,
      let section = try? IndexSection(in: bytes, at: start, name: "postings offset table"),
      section.content.count >= 4
    else { return }
    tableEnd = section.content.upperBound
    var position = section.content.lowerBound + 4
    while position < tableEnd, let entry = TableEntry(bytes, at: position, before: tableEnd) {
      if entry.target < UInt64(start) {
        lists.append(List(place: Int(entry.target), entry: position))
      }
      position = entry.end
    }
    lists.sort { $0.place < $1.place }
  }

  private func index(atOrBehind place: Int) -> Int {
    var (low, high) = (0, lists.count)
    while low < high {
      let middle = (low + high) / 2
      if lists[middle].place < place { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func next(behind place: Int) -> Int? {
    let index = index(atOrBehind: place + 1)
    return index < lists.count ? lists[index].place : nil
  }

  func label(at place: Int, _ bytes: RawSpan) -> String? {
    let index = index(atOrBehind: place)
    guard index < lists.count, lists[index].place == place else { return nil }
    return TableEntry(bytes, at: lists[index].entry, before: tableEnd)?.label(bytes)
  }
}
