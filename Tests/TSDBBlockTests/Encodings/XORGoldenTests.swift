internal import TSDBBlock
internal import TestSupport
internal import Testing

@Suite struct `XOR Golden` {
  /// The chunks of one encoding byte, found by text because parsing takes most of the time.
  private func cases(encoding: Int) throws -> [JSONValue] {
    let mark = Array("\"enc\":\(encoding),".utf8)
    return try Golden.jsonLines("format/chunks.jsonl.gz") { line in
      line.prefix(400).contains(mark)
    }
  }

  @Test func `every XOR chunk decodes to the samples its writer was given`() throws {
    var columns = SampleColumns()
    for chunk in try cases(encoding: 1) {
      let name = try #require(chunk["name"].string)
      let bytes = try #require(chunk["hex"].hexBytes)
      columns.removeAll()
      try XORDecoder.decode(bytes.span.bytes, into: &columns)
      #expect(columns.count == chunk["count"].int, "\(name)")
      #expect(try ChunkEncoding.xor.sampleCount(of: bytes.span.bytes) == columns.count)
      let hash = fingerprint(timestamps: columns.timestamps, values: columns.values)
      #expect(hash == chunk["fnv64"].string, "\(name)")
    }
  }

  @Test func `a chunk inside a larger span decodes as it does alone`() throws {
    var alone = SampleColumns()
    var within = SampleColumns()
    for chunk in try cases(encoding: 1) {
      let bytes = try #require(chunk["hex"].hexBytes)
      alone.removeAll()
      try XORDecoder.decode(bytes.span.bytes, into: &alone)
      for tail in [1, 8, 20] {
        within.removeAll()
        let around = [7, 7, 7] + bytes + [UInt8](repeating: 0xFF, count: tail)
        try XORDecoder.decode(around.span.bytes, 3..<3 + bytes.count, into: &within)
        #expect(within == alone)
      }
    }
  }

  @Test func `the samples of a current chunk encode to the same bytes`() throws {
    var columns = SampleColumns()
    var encoder = XOREncoder()
    for chunk in try cases(encoding: 1) {
      let name = try #require(chunk["name"].string)
      let bytes = try #require(chunk["hex"].hexBytes)
      columns.removeAll()
      try XORDecoder.decode(bytes.span.bytes, into: &columns)
      for (time, value) in zip(columns.timestamps, columns.values) {
        encoder.append(timestamp: time, valueBits: value)
      }
      let size = encoder.byteCount
      let encoded = encoder.finish()
      #expect(size == encoded.count)
      // Writers before 3.0 may leave a whole zero byte behind the last bit.
      let isOld = chunk["writer"].string?.hasPrefix("prometheus-3.") == false
      // An appender made anew in the middle of a chunk takes "no window yet" for one of 64 bits.
      if name.hasPrefix("xor/reappend/") && encoded != bytes {
        var again = SampleColumns()
        try XORDecoder.decode(encoded.span.bytes, into: &again)
        #expect(again == columns, "\(name)")
      } else {
        #expect(encoded == bytes || (isOld && encoded + [0] == bytes), "\(name)")
      }
    }
  }

  @Test func `the aggregates of downsampled chunks decode one by one`() throws {
    let names: [(AggregateChunk.Kind, String)] = [
      (.count, "count"), (.sum, "sum"), (.min, "min"), (.max, "max"), (.counter, "counter"),
    ]
    var columns = SampleColumns()
    for chunk in try cases(encoding: 255) {
      let bytes = try #require(chunk["hex"].hexBytes)
      let split = try AggregateChunk(bytes.span.bytes)
      #expect(try ChunkEncoding.aggregate.sampleCount(of: bytes.span.bytes) == chunk["count"].int)
      for (kind, name) in names {
        let expected = chunk["aggregates"][name]
        guard let part = split[kind] else {
          #expect(expected.isNull, "\(name) is missing")
          continue
        }
        #expect(Int(part.encoding.rawValue) == expected["enc"].int)
        guard part.encoding == .xor else { continue }
        columns.removeAll()
        try XORDecoder.decode(bytes.span.bytes, part.range, into: &columns)
        let samples = try #require(expected["samples"].array)
        #expect(columns.timestamps == samples.compactMap { $0[1].int64 })
        #expect(columns.values.map(hexDigits) == samples.compactMap { $0[2].string })
      }
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 255])
  func `the sample count of every encoding is known without decoding`(encoding: Int) throws {
    let kind = ChunkEncoding(rawValue: UInt8(encoding))
    for chunk in try cases(encoding: encoding) {
      let bytes = try #require(chunk["hex"].hexBytes)
      #expect(try kind.sampleCount(of: bytes.span.bytes) == chunk["count"].int)
    }
  }
}

extension Sequence<UInt8> where Self: Collection {
  fileprivate func contains(_ text: [UInt8]) -> Bool {
    var rest = self[...]
    while let start = rest.firstIndex(of: text[0]) {
      rest = rest[start...]
      if rest.starts(with: text) { return true }
      rest = rest.dropFirst()
    }
    return false
  }
}
