internal import TSDBBlock
internal import TestSupport
internal import Testing

@Suite struct `Series runs Golden` {
  @Test func `a block written from its columns has the same samples in the same chunks`() throws {
    let root = try Golden.unpacked("format/blocks.tar.gz")
    var sameBytes: Set<ChunkEncoding> = []
    for line in try Golden.jsonLines("format/blocks.jsonl") {
      let name = try #require(line["name"].string)
      let block = try BlockReader(directory: root + "/" + (try #require(line["path"].string)))
      // The writer takes neither aggregates nor labels out of order.
      let encodings = try #require(line["totals"]["chunks_by_encoding"].object)
      guard encodings["255"] == nil, try isSorted(block) else { continue }
      try withTemporaryDirectory { temporary in
        let copy = try rewrite(block, to: temporary + "/block")
        try compare(copy, block, name, &sameBytes)
      }
    }
    #expect(sameBytes.isSuperset(of: [.xor, .histogram, .floatHistogram, .xor2]))
    #expect(sameBytes.isSuperset(of: [.histogramST, .floatHistogramST]))
  }

  private func isSorted(_ block: BlockReader) throws -> Bool {
    var series = try block.series()
    var isSorted = true
    while try series.next() { isSorted = isSorted && series.labels.isSorted }
    return isSorted
  }

  private func rewrite(_ block: BlockReader, to directory: String) throws -> BlockReader {
    var all: [(labels: LabelSet, runs: [ChunkColumns])] = []
    var series = try block.series(includesDeleted: true)
    while try series.next() {
      let runs = try series.chunks.map { chunk in
        var columns = ChunkColumns()
        try series.read(chunk, into: &columns)
        return columns
      }
      all.append((series.labels, runs))
    }
    let writer = try BlockWriter(directory: directory)
    let ordinals = try writer.addSymbols(of: all.map(\.labels))
    for (labels, runs) in all {
      try writer.addSeries(labels, ordinals, runs: runs, samplesPerChunk: 16383, keepsStarts: true)
    }
    try writer.publish(block.meta)
    return try BlockReader(directory: directory)
  }

  private func compare(
    _ copy: BlockReader, _ original: BlockReader, _ name: String,
    _ sameBytes: inout Set<ChunkEncoding>
  ) throws {
    var columns = ChunkColumns()
    var left = try copy.series()
    var right = try original.series(includesDeleted: true)
    while try right.next() {
      #expect(try left.next(), "\(name)")
      #expect(left.labels == right.labels)
      let copied = try SeriesLines(left, &columns)
      let originals = try SeriesLines(right, &columns)
      #expect(copied.lines.map(\.line) == originals.lines.map(\.line), "\(name) \(right.labels)")
      // A chunk of the largest number of samples is cut.
      guard left.chunks.count == right.chunks.count else {
        #expect(originals.sampleCount > 16383, "\(name) \(right.labels)")
        continue
      }
      for (chunk, stored) in zip(left.chunks, right.chunks) {
        #expect(chunk.minTime == stored.minTime && chunk.maxTime == stored.maxTime)
        let encoding = try left.encoding(of: chunk)
        if try bytes(copy, chunk) == bytes(original, stored) { sameBytes.insert(encoding) }
        if try original.chunks.record(at: stored.location).encoding == encoding.rawValue,
          encoding != .xor
        {
          #expect(try bytes(copy, chunk) == bytes(original, stored), "\(name) \(right.labels)")
        }
      }
    }
    #expect(try !left.next(), "\(name)")
  }

  private func bytes(_ block: BlockReader, _ chunk: ChunkSpan) throws -> [UInt8] {
    let segment = try block.chunks.segment(of: chunk.location)
    let record = try segment.record(at: chunk.location.offset)
    let payload = try #require(segment.payload(of: record))
    return payload.bytes.withUnsafeBytes { Array($0) }
  }
}
