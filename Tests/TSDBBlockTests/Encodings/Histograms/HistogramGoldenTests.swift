import TSDBBlock
import TestSupport
import Testing

@Suite struct HistogramGoldenTests {
  private func cases(_ encoding: ChunkEncoding) throws -> [JSONValue] {
    let mark = Array("\"enc\":\(encoding.rawValue),".utf8)
    return try Golden.jsonLines("format/chunks.jsonl.gz") { $0.prefix(400).contains(mark) }
  }

  @Test(arguments: [2, 3, 5, 6] as [UInt8])
  func `every histogram chunk decodes to its samples`(byte: UInt8) throws {
    let encoding = ChunkEncoding(rawValue: byte)
    var columns = HistogramColumns()
    for chunk in try cases(encoding) {
      let name = try #require(chunk["name"].string)
      let bytes = try #require(chunk["hex"].hexBytes)
      try HistogramDecoder.decode(bytes.span.bytes, encoding: encoding, into: &columns)
      #expect(columns.count == chunk["count"].int, "\(name)")
      var hash = FNV64()
      for index in 0..<columns.count {
        hash.update(canonicalHistogramLine(columns, at: index).utf8)
      }
      #expect(hash.hex == chunk["fnv64"].string, "\(name)")
      let headers: [HistogramColumns.ResetHeader: String] = [
        .unknown: "unknown", .reset: "reset", .notReset: "not_reset", .gauge: "gauge",
      ]
      #expect(headers[columns.resetHeader] == chunk["counter_reset_header"].string, "\(name)")
    }
  }
}

@Suite struct AggregateGoldenTests {
  @Test func `every aggregate chunk decodes to the samples of its parts`() throws {
    let mark = Array("\"enc\":255,".utf8)
    for chunk in try Golden.jsonLines(
      "format/chunks.jsonl.gz", where: { $0.prefix(400).contains(mark) })
    {
      let bytes = try #require(chunk["hex"].hexBytes)
      var hash = FNV64()
      hash.update(try canonicalLines(bytes, .aggregate).utf8)
      #expect(hash.hex == chunk["fnv64"].string)
    }
  }
}
