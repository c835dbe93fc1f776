import Foundation
import Glibc
import TestSupport
import Testing

@testable import TSDBBlock

/// Indexes without chunks, segments without an index.
@Suite(.enabled(if: RealWorld.isPresent)) struct RealFileTests {
  @Test(arguments: RealWorld.indexes)
  func `an index alone has its series and chunk references`(item: RealWorld.Item) throws {
    var bytes = try readFile(item.file)
    // Prometheus 2.1 wrote a 1 above contents of version 2; the repair writes the 2.
    if item.expected["note"].string == "read with the version byte set to 2" { bytes[4] = 2 }
    let index = try IndexReader(ByteSlice(ByteStorage(bytes)))
    #expect(Int(index.version) == item.expected["version"].int)
    #expect(try index.symbols.count == item.expected["symbols"].int)
    var lists = 0
    var listed: Set<UInt32> = []
    for name in try index.labelNames() {
      for value in try index.labelValues(of: name) {
        lists += 1
        listed.formUnion(try index.postings(name: name, value: value))
      }
    }
    // Prometheus 2.1 has no list of all series either.
    let hasAll = try index.postingsOffsets.listOffset(name: [], value: []) != nil
    #expect(lists + (hasAll ? 1 : 0) == item.expected["postings_lists"].int)
    let ids = hasAll ? try index.allPostings() : listed.sorted()
    let expected = try #require(item.expected["series"].array)
    #expect(ids.map(Int.init) == expected.map { $0["ref"].int })
    for (id, series) in zip(ids, expected) {
      var references: [LabelReference] = []
      var chunks: [ChunkSpan] = []
      try index.appendSeries(id, labels: &references, chunks: &chunks)
      #expect(try index.labels(references) == LabelSet(try goldenLabels(series["labels"])))
      let stated = try #require(series["chunks"].array)
      #expect(chunks.map(\.location.rawValue) == stated.map { $0[0].uint64 })
      #expect(chunks.map(\.minTime) == stated.map { $0[1].int64 })
      #expect(chunks.map(\.maxTime) == stated.map { $0[2].int64 })
    }
  }

  @Test(arguments: RealWorld.segments)
  func `a segment alone has its records and their samples`(item: RealWorld.Item) throws {
    let segment = try SegmentReader(ByteSlice(ByteStorage(mapping: item.file)), path: item.path)
    let expected = try #require(item.expected["records"].array)
    #expect(expected.count == item.expected["chunks"].int)
    var offset = SegmentFormat.headerByteCount
    var total = 0
    try withTemporaryDirectory { temporary in
      var columns = SampleColumns()
      var lines = SampleLines()
      for fields in expected {
        #expect(offset == fields[0].int)
        let record = try segment.record(at: offset)
        #expect(Int(record.encoding) == fields[1].int)
        #expect(hex(record.checksum) == fields[5].string)
        columns.removeAll()
        try segment.appendSamples(of: record, to: &columns)
        #expect(columns.count == fields[2].int)
        #expect(columns.timestamps.first == fields[3].int64)
        #expect(columns.timestamps.last == fields[4].int64)
        total += columns.count
        // Names that sort as the records do.
        let name = "/\(1_000_000_000 + offset)"
        let file = try #require(fopen(temporary + name, "w"))
        let text = lines.text(columns)
        #expect(fwrite(text, 1, text.count, file) == text.count)
        fclose(file)
        offset = record.payload.upperBound + 4
      }
      let sums = try runProcess("sh", ["-c", "sha256sum *"], in: temporary).requireSuccess()
        .outputText.split(separator: "\n")
      #expect(sums.map { String($0.prefix(16)) } == expected.map { $0[6].string })
    }
    #expect(total == item.expected["samples"].int)
  }

  @Test(arguments: RealWorld.indexes)
  func `a scan names the series whose chunks are out of order`(item: RealWorld.Item) throws {
    let series = try #require(item.expected["series"].array)
    let disordered = try series.count { one in
      let chunks = try #require(one["chunks"].array)
      return zip(chunks, chunks.dropFirst()).contains { left, right in
        (right[1].int64 ?? 0) <= (left[2].int64 ?? 0)
      }
    }
    try withTemporaryDirectory { temporary in
      var bytes = try readFile(item.file)
      bytes[4] = 2
      try Data(bytes).write(to: URL(fileURLWithPath: temporary + "/index"))
      let scan = BlockScan(directory: temporary)
      #expect(scan.contents.series == series.count)
      #expect(scan.findingCounts[.chunksOrder] ?? 0 == disordered)
    }
  }

  @Test func `a block with the wrong versions of Prometheus 2.1 is refused`() throws {
    let directory =
      RealWorld.directory + "/prometheus/repair_index_version/01BZJ9WJQPWHGNC2W4J9TA62KC"
    let error = #expect(throws: BlockError.self) { try BlockReader(directory: directory) }
    #expect(error?.code == .unsupportedVersion)
    #expect(BlockScan(directory: directory).isDamaged)
    // Read as version 1 the lists lead to no series, and not to wrong ones.
    let index = try IndexReader(ByteSlice(ByteStorage(mapping: directory + "/index")))
    #expect(index.version == 1)
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    for id in try index.postings(name: Array("b".utf8), value: Array("1".utf8)) {
      #expect(throws: BlockError.self) {
        try index.appendSeries(id, labels: &labels, chunks: &chunks)
      }
    }
  }
}
