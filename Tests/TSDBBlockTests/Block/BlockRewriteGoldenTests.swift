import TSDBBlock
import TestSupport
import Testing

/// Blocks by writers whose index has the layout we write.
private let sameLayout = ["prometheus-3.14.0", "prometheus v0.309.1 (3.9)"]

@Suite struct BlockRewriteGoldenTests {
  @Test func `a block read and written again has the same index and segment bytes`() throws {
    let archive = try Golden.unpacked("format/blocks.tar.gz")
    var compared = 0
    for block in try Golden.jsonLines("format/blocks.jsonl") {
      let name = block["name"].string ?? ""
      guard sameLayout.contains(block["writer"].string ?? ""), block["index"]["version"].int == 2
      else { continue }
      let directory = "\(archive)/\(block["path"].string ?? "")"
      try withTemporaryDirectory { temporary in
        let copy = temporary + "/copy"
        let reader = try BlockReader(directory: directory)
        let limit = try segmentLimit(reader)
        try rewrite(reader, to: copy, segmentByteCountLimit: limit)
        #expect(try readFile(copy + "/index") == readFile(directory + "/index"), "\(name)")
        let spilled = temporary + "/spilled"
        try rewrite(
          reader, to: spilled, segmentByteCountLimit: limit, postingsByteCountLimit: 256)
        #expect(try readFile(spilled + "/index") == readFile(directory + "/index"), "\(name)")
        let copied = try BlockReader(directory: copy).chunks.segments
        let originals = try reader.chunks.segments
        #expect(copied.count == originals.count, "\(name)")
        for (left, right) in zip(copied, originals) {
          #expect(bytes(left.file) == bytes(right.file), "\(name) \(right.path)")
        }
        compared += 1
      }
    }
    #expect(compared >= 10)
  }

  /// The writers of these blocks cut at whole KiB; the fullest segment tells at how many.
  private func segmentLimit(_ reader: BlockReader) throws -> Int {
    let sizes = try reader.chunks.segments.map(\.file.count)
    guard sizes.count > 1, let largest = sizes.max() else { return 512 << 20 }
    return (largest + 1023) / 1024 * 1024
  }

  private func bytes(_ slice: ByteSlice) -> [UInt8] {
    slice.bytes.withUnsafeBytes { Array($0) }
  }

  private func rewrite(
    _ reader: BlockReader, to directory: String, segmentByteCountLimit: Int,
    postingsByteCountLimit: Int = 128 << 20
  ) throws {
    let writer = try BlockWriter(
      directory: directory, segmentByteCountLimit: segmentByteCountLimit,
      postingsByteCountLimit: postingsByteCountLimit)
    let symbols = try reader.index.symbols
    for ordinal in 0..<UInt32(symbols.count) { try writer.addSymbol(symbols.bytes(of: ordinal)) }
    for id in try reader.index.allPostings() {
      var labels: [LabelReference] = []
      var chunks: [ChunkSpan] = []
      try reader.index.appendSeries(id, labels: &labels, chunks: &chunks)
      let records = try chunks.map { try reader.chunks.record(at: $0.location) }
      writer.beginSeries(payloadByteCounts: records.map(\.payload.count))
      for (chunk, record) in zip(chunks, records) {
        let file = try reader.chunks.segment(of: chunk.location).file
        try writer.appendChunk(
          minTime: chunk.minTime, maxTime: chunk.maxTime, encoding: record.encoding,
          payload: file.bytes.extracting(record.payload))
      }
      try writer.endSeries(labels: labels)
    }
    try writer.publish(reader.meta)
  }
}

func readFile(_ path: String) throws -> [UInt8] {
  let storage = try ByteStorage(mapping: path)
  return storage.bytes.withUnsafeBytes { Array($0) }
}
