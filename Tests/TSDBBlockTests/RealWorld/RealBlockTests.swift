import TestSupport
import Testing

@testable import TSDBBlock

@Suite(.enabled(if: RealWorld.isPresent)) struct RealBlockTests {
  @Test func `there are blocks, indexes and segments to read`() {
    #expect(!RealWorld.blocks.isEmpty && !RealWorld.indexes.isEmpty && !RealWorld.segments.isEmpty)
  }

  @Test(arguments: RealWorld.blocks)
  func `a block says of itself what its writer said`(item: RealWorld.Item) throws {
    let meta = try BlockReader(directory: item.file).meta
    let expected = item.expected["meta"]
    #expect(meta.id.description == expected["ulid"].string)
    #expect(meta.minTime == expected["minTime"].int64)
    #expect(meta.maxTime == expected["maxTime"].int64)
    let stats = expected["stats"]
    #expect(meta.stats.samples == stats["numSamples"].uint64)
    #expect(meta.stats.floatSamples == stats["numFloatSamples"].uint64 ?? 0)
    #expect(meta.stats.series == stats["numSeries"].uint64)
    #expect(meta.stats.chunks == stats["numChunks"].uint64)
  }

  @Test(arguments: RealWorld.blocks)
  func `a meta.json written again keeps what others put into it`(item: RealWorld.Item) throws {
    let bytes = try readFile(item.file + "/meta.json")
    let written = try BlockMeta(json: bytes).jsonBytes()
    let lost = missing(try JSONValue(parsing: bytes), from: try JSONValue(parsing: written))
    #expect(lost == [])
  }

  /// Paths of the values that `copy` does not have.
  private func missing(_ value: JSONValue, from copy: JSONValue, at path: String = "") -> [String] {
    guard let members = value.object else { return value == copy ? [] : [path] }
    return members.flatMap { missing($1, from: copy[$0], at: path + "/" + $0) }
  }

  @Test(arguments: RealWorld.blocks)
  func `the parts of an index are where they are`(item: RealWorld.Item) throws {
    let index = try BlockReader(directory: item.file).index
    let expected = item.expected["index"]
    #expect(Int(index.version) == expected["version"].int)
    #expect(index.file.count == expected["size"].int)
    let contents = index.tableOfContents
    let stated = expected["toc"]
    #expect(contents.symbols == stated["symbols"].int)
    #expect(contents.series == stated["series"].int)
    #expect(contents.labelIndices == stated["label_indices"].int)
    #expect(contents.labelOffsetTable == stated["label_offset_table"].int)
    #expect(contents.postings == stated["postings"].int)
    #expect(contents.postingsOffsetTable == stated["postings_offset_table"].int)
    let symbols = try #require(expected["sections"].array?.first { $0["name"].string == "symbols" })
    let file = index.file
    let section = try IndexSection(in: file.bytes, at: contents.symbols, name: "symbols")
    #expect(hex(section.storedChecksum) == symbols["crc"].string)
    #expect(try index.symbols.count == expected["symbols"].int)
  }

  @Test(arguments: RealWorld.blocks)
  func `label names, values and lists are those of the series`(item: RealWorld.Item) throws {
    let index = try BlockReader(directory: item.file).index
    var ids: [LabelSet: [UInt32]] = [:]
    for series in try #require(item.expected["series"].array) {
      let id = try #require(series["ref"].int.flatMap { UInt32(exactly: $0) })
      for (name, value) in try goldenLabels(series["labels"]) {
        ids[LabelSet([(name, value)]), default: []].append(id)
      }
    }
    let names = try #require(item.expected["label_names"].array)
    #expect(try index.labelNames() == names.map { try goldenBytes($0[0]) })
    var lists = 1
    var entries = try index.allPostings().count
    for name in names {
      let label = try goldenBytes(name[0])
      let values = try index.labelValues(of: label)
      #expect(values.count == name[1].int)
      for value in values {
        let found = try index.postings(name: label, value: value)
        #expect(found == ids[LabelSet([(label, value)])])
        lists += 1
        entries += found.count
      }
    }
    #expect(lists == item.expected["index"]["postings_lists"].int)
    #expect(entries == item.expected["index"]["postings_entries"].int)
  }

  @Test(arguments: RealWorld.blocks)
  func `every series has its labels and samples`(item: RealWorld.Item) throws {
    let block = try BlockReader(directory: item.file)
    let expected = try #require(item.expected["series"].array)
    let ids = try block.index.allPostings()
    #expect(ids.map(Int.init) == expected.map { $0["ref"].int })
    var totals = RealSeries.Totals()
    for (id, series) in zip(ids, expected) {
      var references: [LabelReference] = []
      var chunks: [ChunkSpan] = []
      try block.index.appendSeries(id, labels: &references, chunks: &chunks)
      let labels = try block.index.labels(references)
      #expect(labels == LabelSet(try goldenLabels(series["labels"])))
      var found = RealSeries()
      for chunk in chunks { try found.add(chunk, of: block, &totals) }
      #expect(chunks.count == series["chunks"].int, "\(labels)")
      #expect(found.samples == series["samples"].int, "\(labels)")
      #expect(found.minTime == series["mint"].int64, "\(labels)")
      #expect(found.maxTime == series["maxt"].int64, "\(labels)")
      #expect(hexDigits(found.lines.hash) == series["fnv64"].string, "\(labels)")
    }
    try compare(totals, item.expected)
  }

  private func compare(_ totals: RealSeries.Totals, _ expected: JSONValue) throws {
    #expect(totals.chunksElsewhere == expected["chunk_times_differ_from_index"].int)
    let stated = expected["totals"]
    #expect(totals.chunks.values.reduce(0, +) == stated["chunks"].int)
    #expect(totals.samples.values.reduce(0, +) == stated["samples"].int)
    #expect(totals.chunks.mapValues { .int(Int64($0)) } == stated["chunks_by_encoding"].object)
    #expect(totals.samples.mapValues { .int(Int64($0)) } == stated["samples_by_encoding"].object)
    #expect(totals.minTime == stated["chunk_min_time"].int64)
    #expect(totals.maxTime == stated["chunk_max_time"].int64)
  }

  @Test(arguments: RealWorld.blocks)
  func `segments and tombstones are complete`(item: RealWorld.Item) throws {
    let block = try BlockReader(directory: item.file)
    let expected = try #require(item.expected["segments"].array)
    let segments = try block.chunks.segments
    #expect(segments.map(\.path) == expected.map { "chunks/" + ($0["file"].string ?? "") })
    #expect(segments.map(\.file.count) == expected.map { $0["size"].int })
    #expect(block.tombstones.count == item.expected["tombstones"].array?.count)
  }

  @Test(arguments: RealWorld.blocks)
  func `a scan finds no damage in a block that works`(item: RealWorld.Item) {
    let scan = BlockScan(directory: item.file)
    #expect(scan.findings.filter { $0.severity == .error }.map(\.description) == [])
    let totals = item.expected["totals"]
    #expect(scan.contents.series == totals["series"].int)
    #expect(scan.contents.chunks == totals["chunks"].int)
    #expect(scan.contents.samples == totals["samples"].int)
    #expect(scan.contents.minTime == totals["chunk_min_time"].int64)
    #expect(scan.contents.maxTime == totals["chunk_max_time"].int64)
  }
}
