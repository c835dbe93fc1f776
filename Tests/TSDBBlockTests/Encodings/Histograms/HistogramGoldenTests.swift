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

  @Test(arguments: [2, 3, 5, 6] as [UInt8])
  func `a cut or flipped histogram chunk yields samples or an error`(byte: UInt8) throws {
    let encoding = ChunkEncoding(rawValue: byte)
    var columns = HistogramColumns()
    for chunk in try cases(encoding).prefix(60) {
      let bytes = try #require(chunk["hex"].hexBytes)
      guard bytes.count < 150 else { continue }
      for length in 0..<bytes.count {
        let cut = Array(bytes.prefix(length))
        _ = try? HistogramDecoder.decode(cut.span.bytes, encoding: encoding, into: &columns)
        #expect(columns.count <= length * 8)
      }
      for bit in 0..<bytes.count * 8 {
        var damaged = bytes
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        _ = try? HistogramDecoder.decode(damaged.span.bytes, encoding: encoding, into: &columns)
        #expect(columns.count <= bytes.count * 8)
      }
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
