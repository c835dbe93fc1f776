import TSDBBlock
import TestSupport
import Testing

@Suite struct XOR2GoldenTests {
  private func cases() throws -> [JSONValue] {
    let mark = Array("\"enc\":4,".utf8)
    return try Golden.jsonLines("format/chunks.jsonl.gz") { $0.prefix(400).contains(mark) }
  }

  @Test func `every XOR2 chunk decodes to its samples and encodes to its bytes`() throws {
    var columns = SampleColumns()
    for chunk in try cases() {
      let name = try #require(chunk["name"].string)
      let bytes = try #require(chunk["hex"].hexBytes)
      columns.removeAll()
      try XOR2Decoder.decode(bytes.span.bytes, into: &columns)
      #expect(columns.count == chunk["count"].int, "\(name)")
      var hash = FNV64()
      var encoder = XOR2Encoder()
      for index in 0..<columns.count {
        let start = columns.starts[index]
        let time = columns.timestamps[index]
        let value = columns.values[index]
        hash.update(canonicalLine(st: start, time: time, bits: value).utf8)
        encoder.append(timestamp: time, valueBits: value, start: start)
      }
      #expect(hash.hex == chunk["fnv64"].string, "\(name)")
      let encoded = encoder.finish()
      // An appender made anew in the middle of a chunk takes "no window yet" for one of 64 bits.
      if name.contains("reappend") {
        var again = SampleColumns()
        try XOR2Decoder.decode(encoded.span.bytes, into: &again)
        #expect(again == columns, "\(name)")
      } else {
        #expect(encoded == bytes, "\(name)")
      }
    }
  }
}
