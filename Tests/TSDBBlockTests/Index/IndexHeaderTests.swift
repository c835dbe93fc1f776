import TestSupport
import Testing

@testable import TSDBBlock

@Suite struct IndexHeaderTests {
  /// The indexes of all healthy golden blocks: versions 1, 2 and 3, layouts of all writers.
  private func forEachIndex(_ body: (IndexReader, String) throws -> Void) throws {
    let root = try Golden.unpacked("format/blocks.tar.gz")
    for block in try Golden.jsonLines("format/blocks.jsonl") {
      let path = try #require(block["path"].string)
      let storage = try ByteStorage(mapping: "\(root)/\(path)/index")
      try body(IndexReader(ByteSlice(storage)), block["name"].string ?? "")
    }
  }

  private func header(of index: IndexReader) throws -> IndexHeader {
    let bytes = try IndexHeaderLayout.indexHeader(of: index.file)
    return try IndexHeader(slice(bytes))
  }

  private func slice(_ bytes: [UInt8]) -> ByteSlice { ByteSlice(ByteStorage(bytes)) }

  @Test func `a header finds every list, and its series have their labels`() throws {
    try forEachIndex { index, name in
      let header = try header(of: index)
      let names = try index.labelNames()
      #expect(header.indexVersion == index.version, "\(name)")
      #expect(header.postingsOffsets.labelNames == names, "\(name)")
      for label in names + [[]] { try compareLists(of: label, header, index, name) }
      for id in try index.allPostings() { try compare(id, header, index, name) }
    }
  }

  private func compareLists(
    of label: [UInt8], _ header: IndexHeader, _ index: IndexReader, _ name: String
  ) throws {
    let entries = try listRanges(header.postingsOffsets, of: label)
    let values = try index.labelValues(of: label)
    #expect(entries.map(\.value) == values, "\(name)")
    for entry in entries {
      let range = try header.postingsOffsets.listRange(name: label, value: entry.value)
      #expect(range == entry.range, "\(name)")
      let start = entry.range.lowerBound
      let part = try #require(index.file.slice(start..<entry.range.upperBound + 4))
      let ids = try FetchedPostings(part, hasChecksum: true, fileOffset: start).ids
      let expected = try index.postings(name: label, value: entry.value)
      #expect(ids == expected, "\(name)")
    }
  }

  /// Decodes the entry from a range of exactly its bytes.
  private func compare(
    _ id: UInt32, _ header: IndexHeader, _ index: IndexReader, _ name: String
  ) throws {
    let offset = index.seriesOffset(id)
    let rest = try #require(index.file.slice(offset..<index.file.count))
    let byteCount = try #require(entryByteCount(rest))
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    try index.appendSeries(id, labels: &labels, chunks: &chunks)
    let entry = try decoded(#require(rest.slice(0..<byteCount)), offset)
    #expect(entry.labels == labels, "\(name)")
    #expect(entry.chunks == chunks, "\(name)")
    #expect(try header.symbols.labels(labels) == index.labels(labels), "\(name)")
    let short = try #require(rest.slice(0..<byteCount - 1))
    #expect(throws: BlockError.self) { _ = try decoded(short, offset) }
    #expect(entryByteCount(short) == byteCount)
  }

  private func entryByteCount(_ slice: ByteSlice) -> Int? {
    SeriesEntry.byteCount(in: slice.bytes, at: 0)
  }

  private func decoded(
    _ slice: ByteSlice, _ offset: Int
  ) throws -> (labels: [LabelReference], chunks: [ChunkSpan]) {
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    try SeriesEntry.append(
      from: slice.bytes, at: 0, fileOffset: offset, labels: &labels, chunks: &chunks)
    return (labels, chunks)
  }

  private func smallHeader() throws -> [UInt8] {
    try withTemporaryDirectory { temporary in
      let writer = try IndexWriter(path: temporary + "/index")
      for symbol in ["", "1", "2", "a", "b"] { try writer.addSymbol(Array(symbol.utf8).span.bytes) }
      for (name, value) in [(3, 1), (3, 2), (4, 1)] as [(UInt32, UInt32)] {
        try writer.addSeries(labels: [LabelReference(name: name, value: value)], chunks: [])
      }
      try writer.finish()
      return try IndexHeaderLayout.indexHeader(
        of: ByteSlice(ByteStorage(mapping: temporary + "/index")))
    }
  }

  @Test func `every flipped bit and every cut of a header is an error or harmless`() throws {
    let bytes = try smallHeader()
    let good = try IndexHeader(slice(bytes))
    for length in 0..<bytes.count {
      #expect(throws: BlockError.self, "\(length)") {
        try IndexHeader(slice(Array(bytes.prefix(length))))
      }
    }
    for bit in 0..<bytes.count * 8 {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      // Padding and the index version are the only bytes without a check.
      let file = slice(damaged)
      guard let header = try? IndexHeader(file) else { continue }
      #expect(header.postingsOffsets.labelNames == good.postingsOffsets.labelNames, "\(bit)")
      #expect(header.indexByteCount == good.indexByteCount, "\(bit)")
      #expect(header.symbols.count == good.symbols.count, "\(bit)")
    }
  }

  @Test func `numbers at the edge of 64 bits in a header are errors`() throws {
    let bytes = try smallHeader()
    for number in [0, 1, .max, .max - 40, 1 << 63, (1 << 63) - 1] as [UInt64] {
      for offset in [6, bytes.count - 20, bytes.count - 12] {
        var damaged = bytes
        var replacement: [UInt8] = []
        replacement.append(bigEndian: number)
        damaged.replaceSubrange(offset..<offset + 8, with: replacement)
        var checksum: [UInt8] = []
        let suffix = Array(damaged.suffix(20).dropLast(4))
        checksum.append(bigEndian: CRC32C(suffix.rawSpan).value)
        damaged.replaceSubrange(damaged.count - 4..<damaged.count, with: checksum)
        #expect(throws: BlockError.self) { try IndexHeader(slice(damaged)) }
      }
    }
  }

  @Test func `a fetched list with a wrong count or checksum is an error`() throws {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: UInt32(2))
    for id: UInt32 in [7, 9] { bytes.append(bigEndian: id) }
    var checked = bytes
    checked.append(bigEndian: CRC32C(bytes.span.bytes).value)
    #expect(try FetchedPostings(slice(checked), hasChecksum: true, fileOffset: 0).ids == [7, 9])
    for bit in 0..<checked.count * 8 {
      var damaged = checked
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: BlockError.self, "\(bit)") {
        try FetchedPostings(slice(damaged), hasChecksum: true, fileOffset: 0)
      }
    }
    for length in 0..<bytes.count {
      #expect(throws: BlockError.self) {
        try FetchedPostings(
          slice(Array(bytes.prefix(length))), hasChecksum: false, fileOffset: 0)
      }
    }
  }
}
