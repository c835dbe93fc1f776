import TSDBBlock
import TestSupport
import Testing

/// The values of a label and where their lists are.
func listRanges(
  _ offsets: PostingsOffsetTable, of name: [UInt8]
) throws -> [(value: [UInt8], range: Range<Int>)] {
  var entries: [(value: [UInt8], range: Range<Int>)] = []
  try offsets.forEachListRange(of: name) { value, range in
    entries.append(([UInt8](offsets.slice.bytes.extracting(value)), range))
    return true
  }
  return entries
}

/// Answers from the parts of an index that an index-header holds, beside those of the reference.
@Suite struct IndexPartsGoldenTests {
  private func index(of block: JSONValue) throws -> ByteSlice {
    let bucket = try Golden.unpacked("store/bucket.tar.gz")
    let path = "\(bucket)/\(try #require(block["block"].string))/index"
    return ByteSlice(try ByteStorage(mapping: path))
  }

  /// The parts, each cut out of the index and copied, so that nothing beyond them can be read.
  private func tables(
    _ index: ByteSlice
  ) throws -> (symbols: SymbolTable, offsets: PostingsOffsetTable) {
    let layout = try IndexHeaderLayout(
      head: index.bytes, tail: index.bytes, indexByteCount: index.count)
    func part(_ range: Range<Int>) -> ByteSlice {
      ByteSlice(ByteStorage(copying: index.bytes.extracting(range)))
    }
    return (
      try SymbolTable(
        part: part(layout.symbols), fileOffset: layout.symbols.lowerBound, indexVersion: 2),
      try PostingsOffsetTable(
        part: part(layout.postingsOffsets), fileOffset: layout.postingsOffsets.lowerBound)
    )
  }

  private func texts(_ value: JSONValue) -> [[UInt8]] {
    (value.array ?? []).map { Array(($0.string ?? "").utf8) }
  }

  @Test func `an index-header has the bytes of the reference's`() throws {
    let headers = try Golden.unpacked("store/index-headers.tar.gz")
    for row in try Golden.jsonLines("store/index-headers.jsonl") {
      let block = try #require(row["block"].string)
      let bytes = try IndexHeaderLayout.indexHeader(of: index(of: row))
      #expect(bytes == (try readFile("\(headers)/\(block)/index-header")), "\(block)")
      #expect(bytes.count == row["size"].int)
    }
  }

  @Test func `an index-header of the reference is read`() throws {
    let headers = try Golden.unpacked("store/index-headers.tar.gz")
    for row in try Golden.jsonLines("store/index-headers.jsonl") {
      let block = try #require(row["block"].string)
      let file = ByteSlice(try ByteStorage(mapping: "\(headers)/\(block)/index-header"))
      let header = try IndexHeader(file)
      let whole = try IndexReader(index(of: row))
      #expect(Int(header.indexVersion) == row["index_version"].int)
      #expect(
        header.tableOfContents.postingsOffsetTable == row["index_postings_table_offset"].int)
      #expect(header.tableOfContents == whole.tableOfContents)
      #expect(header.indexByteCount == whole.file.count)
      #expect(header.postingsOffsets.labelNames == (try whole.labelNames()))
      #expect(header.symbols.count == (try whole.symbols.count))
      for ordinal in 0..<UInt32(header.symbols.count) {
        #expect(try header.symbols.bytes(of: ordinal) == whole.symbols.bytes(of: ordinal))
      }
    }
  }

  @Test func `the range of a list is that of the reference and holds its series`() throws {
    for row in try Golden.jsonLines("store/postings.jsonl") where !row["found"].isNull {
      let index = try index(of: row)
      let offsets = try tables(index).offsets
      let name = Array((row["name"].string ?? "").utf8)
      let value = Array((row["value"].string ?? "").utf8)
      let range = try offsets.listRange(name: name, value: value)
      guard row["found"].bool == true else {
        #expect(range == nil, "\(row)")
        continue
      }
      let found = try #require(range)
      #expect(found.lowerBound == row["start"].int, "\(row)")
      #expect(found.upperBound == row["end"].int, "\(row)")
      let expected = (row["refs"].array ?? []).compactMap(\.int).map { UInt32($0) }
      for extra in [0, 4] {
        let slice = try #require(index.slice(found.lowerBound..<found.upperBound + extra))
        let list = try FetchedPostings(
          slice, hasChecksum: extra > 0, fileOffset: found.lowerBound)
        #expect(list.ids == expected)
        #expect(list.count == expected.count)
      }
    }
  }

  @Test func `ranges of several values are those of the reference`() throws {
    for row in try Golden.jsonLines("store/postings.jsonl") {
      guard let values = row["values"].array else { continue }
      let offsets = try tables(index(of: row)).offsets
      let name = Array((row["name"].string ?? "").utf8)
      let ranges = row["ranges"].array ?? []
      for (place, value) in values.enumerated() {
        let expected = place < ranges.count ? ranges[place] : .null
        let range = try offsets.listRange(name: name, value: Array((value.string ?? "").utf8))
        #expect(range?.lowerBound ?? -1 == expected[0].int ?? -1, "\(row) \(value)")
        #expect(range?.upperBound ?? -1 == expected[1].int ?? -1, "\(row) \(value)")
      }
    }
  }

  @Test func `names, values and symbols are those of the reference`() throws {
    for row in try Golden.jsonLines("store/label-values.jsonl") {
      let (symbols, offsets) = try tables(index(of: row))
      switch row["kind"].string {
      case "names": #expect(offsets.labelNames == texts(row["names"]))
      case "values":
        let name = Array((row["name"].string ?? "").utf8)
        let entries = try listRanges(offsets, of: name)
        #expect(entries.map(\.value) == texts(row["values"]))
        for entry in entries {
          #expect(try offsets.listRange(name: name, value: entry.value) == entry.range)
        }
      case "symbols":
        #expect(symbols.count == row["count"].int)
        for pair in row["symbols"].array ?? [] {
          let reference = UInt32(try #require(pair[0].int))
          #expect(try symbols.bytes(of: reference) == Array((pair[1].string ?? "").utf8))
        }
        let outside = UInt32(try #require(row["out_of_range_ref"].int))
        #expect(row["out_of_range_fails"].bool == true)
        #expect(throws: BlockError.self) { try symbols.bytes(of: outside) }
      default: Issue.record("kind of \(row)")
      }
    }
  }
}
