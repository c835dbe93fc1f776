internal import TSDBBlock
internal import TestSupport
internal import Testing

@Suite struct HistogramEncoderGoldenTests {
  private func cases(_ encoding: ChunkEncoding) throws -> [JSONValue] {
    let mark = Array("\"enc\":\(encoding.rawValue),".utf8)
    return try Golden.jsonLines("format/chunks.jsonl.gz") { line in
      line.prefix(400).contains(mark)
    }
  }

  /// Reserved schemas are read at another one than they were written.
  private func isReduced(_ name: String) -> Bool { name.contains("/reserved-schema") }

  @Test(arguments: [2, 3, 5, 6] as [UInt8])
  func `the samples of a histogram chunk encode to the same bytes`(byte: UInt8) throws {
    let encoding = ChunkEncoding(rawValue: byte)
    var columns = HistogramColumns()
    var again = HistogramColumns()
    var encoder = HistogramEncoder()
    for chunk in try cases(encoding) {
      let name = try #require(chunk["name"].string)
      let bytes = try #require(chunk["hex"].hexBytes)
      try HistogramDecoder.decode(bytes.span.bytes, encoding: encoding, into: &columns)
      var encoded: [UInt8] = []
      encoder.encode(columns, 0..<columns.count, encoding: encoding, appendingTo: &encoded)
      try HistogramDecoder.decode(encoded.span.bytes, encoding: encoding, into: &again)
      #expect(again == columns, "\(name)")
      if !isReduced(name) { #expect(encoded == bytes, "\(name)") }
    }
  }

  /// The goldens name the chunks that one appender cut `…/part0`, `…/part1` and so on.
  @Test(arguments: [2, 3, 5, 6] as [UInt8])
  func `appended samples are cut into chunks where Prometheus cuts them`(byte: UInt8) throws {
    let encoding = ChunkEncoding(rawValue: byte)
    var series: [(name: String, chunks: [[UInt8]])] = []
    for chunk in try cases(encoding) {
      let name = try #require(chunk["name"].string)
      let bytes = try #require(chunk["hex"].hexBytes)
      // Cut by hand, or by a hint that is not stored.
      if name.contains("/split/") || name.contains("hint") || isReduced(name) { continue }
      let parts = name.split(separator: "/")
      let isPart = parts.last?.hasPrefix("part") == true
      let base = isPart ? parts.dropLast().joined(separator: "/") : name
      if isPart, series.last?.name == base {
        series[series.count - 1].chunks.append(bytes)
      } else {
        series.append((base, [bytes]))
      }
    }
    #expect(series.contains { $0.chunks.count > 1 })
    for (name, chunks) in series {
      #expect(try appended(chunks, encoding) == chunks, "\(name)")
    }
  }

  /// Appends the samples of all chunks to one appender.
  private func appended(_ chunks: [[UInt8]], _ encoding: ChunkEncoding) throws -> [[UInt8]] {
    var appender = HistogramAppender(
      isFloat: encoding == .floatHistogram || encoding == .floatHistogramST)
    var encoder = HistogramEncoder()
    var output: [[UInt8]] = []
    func finish() {
      var bytes: [UInt8] = []
      encoder.encode(
        appender.columns, 0..<appender.count, encoding: encoding, appendingTo: &bytes)
      output.append(bytes)
    }
    var columns = HistogramColumns()
    for chunk in chunks {
      try HistogramDecoder.decode(chunk.span.bytes, encoding: encoding, into: &columns)
      for index in 0..<columns.count {
        let hint: CounterResetHint = columns.resetHeader == .gauge ? .gauge : .unknown
        guard
          case .needsNewChunk(let header) = appender.append(columns, at: index, hint: hint)
        else { continue }
        finish()
        appender.begin(columns, at: index, header: header)
      }
    }
    finish()
    return output
  }

  /// `split/…` chunks were begun with the appender of the chunk before at hand.
  @Test(arguments: [2, 3, 5, 6] as [UInt8])
  func `a chunk that continues a series has the header of Prometheus`(byte: UInt8) throws {
    let encoding = ChunkEncoding(rawValue: byte)
    let names: [HistogramColumns.ResetHeader: String] = [
      .unknown: "unknown", .reset: "reset", .notReset: "not_reset", .gauge: "gauge",
    ]
    var previous = HistogramAppender(isFloat: byte == 3 || byte == 6)
    var compared = 0
    for chunk in try cases(encoding) {
      let name = try #require(chunk["name"].string)
      guard name.contains("/split/") else { continue }
      let bytes = try #require(chunk["hex"].hexBytes)
      var columns = HistogramColumns()
      try HistogramDecoder.decode(bytes.span.bytes, encoding: encoding, into: &columns)
      if !name.hasSuffix("/part0") {
        let header = HistogramAppender.header(
          of: columns, at: 0, hint: columns.resetHeader == .gauge ? .gauge : .unknown,
          continuing: previous)
        // What an appender cut by itself says nothing about the one before.
        if chunk["counter_reset_header"].string != "unknown" {
          #expect(names[header] == chunk["counter_reset_header"].string, "\(name)")
          compared += 1
        }
      }
      previous.removeAll()
      for index in 0..<columns.count {
        let outcome = previous.append(columns, at: index, hint: columns.hint(at: index))
        #expect(outcome == .appended, "\(name)")
      }
    }
    #expect(compared > 0)
  }
}
