internal import TSDBBlock
internal import TestSupport
internal import Testing

@Suite struct `Block reader Golden` {
  @Test func `every series of a healthy block has its labels, chunks and samples`() throws {
    let root = try Golden.unpacked("format/blocks.tar.gz")
    for block in try Golden.jsonLines("format/blocks.jsonl") {
      let name = try #require(block["name"].string)
      let reader = try BlockReader(directory: root + "/" + (try #require(block["path"].string)))
      let expected = try #require(block["series"].array)
      let ids = try reader.index.allPostings()
      #expect(ids.map(Int.init) == expected.compactMap { $0["ref"].int }, "\(name)")
      for (id, series) in zip(ids, expected) { try compare(reader, id, series, name) }
    }
  }

  @Test func `the label names and values of a healthy block are complete`() throws {
    let root = try Golden.unpacked("format/blocks.tar.gz")
    for block in try Golden.jsonLines("format/blocks.jsonl") {
      let reader = try BlockReader(directory: root + "/" + (try #require(block["path"].string)))
      let expected = try #require(block["label_names"].array)
      #expect(try reader.index.labelNames() == expected.map { try goldenBytes($0[0]) })
      for entry in expected {
        let values = try reader.index.labelValues(of: try goldenBytes(entry[0]))
        #expect(values.count == entry[1].int)
      }
    }
  }

  private func compare(
    _ reader: BlockReader, _ id: UInt32, _ expected: JSONValue, _ name: String
  ) throws {
    var references: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    try reader.index.appendSeries(id, labels: &references, chunks: &chunks)
    let labels = try reader.index.labels(references)
    let pairs = try goldenLabels(expected["labels"])
    #expect(labels.pairs.map(\.name) == pairs.map(\.name), "\(name)")
    #expect(labels.pairs.map(\.value) == pairs.map(\.value), "\(name)")
    let stated = try #require(expected["chunks"].array)
    #expect(chunks.count == stated.count)
    var hash = FNV64()
    for (chunk, fields) in zip(chunks, stated) {
      let segment = try reader.chunks.segment(of: chunk.location)
      let record = try segment.record(at: chunk.location.offset)
      #expect(chunk.location.rawValue == fields[0].uint64)
      #expect(chunk.minTime == fields[1].int64, "\(name)")
      #expect(chunk.maxTime == fields[2].int64)
      #expect(Int(record.encoding) == fields[3].int)
      #expect(record.payload.count == fields[5].int)
      #expect(record.checksum == fields[6].string.flatMap { UInt32($0, radix: 16) })
      let payload = try #require(segment.payload(of: record))
      let lines = try canonicalLines(
        payload.bytes.withUnsafeBytes { Array($0) }, ChunkEncoding(rawValue: record.encoding))
      hash.update(lines.utf8)
    }
    #expect(hash.hex == expected["fnv64"].string, "\(name) \(labels)")
  }
}
