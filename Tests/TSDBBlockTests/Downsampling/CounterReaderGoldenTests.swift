internal import TestSupport
internal import Testing

@testable internal import TSDBBlock

@Suite struct CounterReaderGoldenTests {
  @Test func `counters are read over resets as the reference reads them`() throws {
    for item in try Golden.jsonLines("compact/counter-reset-reader.jsonl") {
      let id = try #require(item["id"].string)
      var reader = CounterReader(try (item["chunks"].array ?? []).map { try columns($0) })
      var results: [String] = []
      for operation in item["ops"].array ?? [] {
        if operation.string == "all" {
          while let sample = reader.next() { results.append(text(sample)) }
          results.append(text(nil))
        } else if let count = operation.int {
          for _ in 0..<count {
            let sample = reader.next()
            results.append(text(sample))
            if sample == nil { break }
          }
        } else {
          results.append(text(reader.seek(to: try #require(operation[1].int64))))
        }
      }
      let expected = try (item["results"].array ?? []).map { result in
        let kind = try #require(result[0].string)
        let time = result[1].int64.map { " \($0)" } ?? ""
        return kind + time + (result[2].string.map { " \($0)" } ?? "")
      }
      #expect(results == expected, "\(id) \(item["note"])")
    }
  }

  private func text(_ sample: CounterReader.Sample?) -> String {
    switch sample {
    case .float(let time, let value): "float \(time) \(hexDigits(value.bitPattern))"
    case .histogram(let time, _, _): "histogram \(time)"
    case nil: "none"
    }
  }

  private func columns(_ chunk: JSONValue) throws -> ChunkColumns {
    var columns = ChunkColumns()
    var times: [Int64] = []
    for (index, value) in (chunk["t"].array ?? []).enumerated() {
      let number = try #require(value.int64)
      times.append(index == 0 ? number : times[index - 1] + number)
    }
    if chunk["enc"].string == "xor" {
      let digits = chunk["v"].string ?? ""
      let bytes = try #require(hexBytes(digits))
      for (index, time) in times.enumerated() {
        let bits = bytes[index * 8..<index * 8 + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        columns.floats.append(timestamp: time, valueBits: bits)
      }
      return columns
    }
    // What the buckets hold makes no difference here.
    var histograms = HistogramColumns()
    histograms.isFloat = chunk["enc"].string == "fhist"
    histograms.timestamps = times
    histograms.counts = times.map { _ in 0 }
    histograms.zeroCounts = histograms.counts
    histograms.sums = histograms.counts
    var payload: [UInt8] = []
    var encoder = HistogramEncoder()
    let encoding: ChunkEncoding = histograms.isFloat ? .floatHistogram : .histogram
    encoder.encode(histograms, 0..<times.count, encoding: encoding, appendingTo: &payload)
    try columns.decode(payload.span.bytes, 0..<payload.count, encoding: encoding)
    return columns
  }
}
