internal import TSDBBlock

/// Decoding, encoding and appending of native histograms with 20 buckets, 120 a chunk, one core.
func histogramBenchmarks() throws -> [Measurement] {
  var results: [Measurement] = []
  for encoding in [ChunkEncoding.histogram, .floatHistogram] {
    let name = encoding == .histogram ? "integer" : "float"
    var random = SplitMix(state: 42)
    let chunks = HistogramChunks(encoding, chunkCount: 500, &random)
    var columns = HistogramColumns()
    results.append(
      try measure(
        "histogram decode, \(name)", unit: "sample", unitsPerRound: chunks.sampleCount
      ) {
        var check: UInt64 = 0
        for range in chunks.ranges {
          try HistogramDecoder.decode(
            chunks.bytes.span.bytes, range, encoding: encoding, into: &columns)
          check &+= columns.buckets[columns.buckets.count - 1]
        }
        return check
      })
    var encoder = HistogramEncoder()
    var output: [UInt8] = []
    results.append(
      measure("histogram encode, \(name)", unit: "sample", unitsPerRound: chunks.sampleCount) {
        output.removeAll(keepingCapacity: true)
        for columns in chunks.columns {
          encoder.encode(columns, 0..<columns.count, encoding: encoding, appendingTo: &output)
        }
        return UInt64(output.count)
      })
    var appender = HistogramAppender(isFloat: encoding == .floatHistogram)
    results.append(
      measure("histogram append, \(name)", unit: "sample", unitsPerRound: chunks.sampleCount) {
        var cuts: UInt64 = 0
        for columns in chunks.columns {
          appender.removeAll()
          for index in 0..<columns.count
          where appender.append(columns, at: index, hint: columns.hint(at: index)) != .appended {
            cuts += 1
          }
        }
        return cuts
      })
  }
  return results
}

/// Many chunks of a latency histogram, one after the other as in a segment.
private struct HistogramChunks {
  var bytes: [UInt8] = []
  var ranges: [Range<Int>] = []
  var columns: [HistogramColumns] = []
  var sampleCount = 0

  init(_ encoding: ChunkEncoding, chunkCount: Int, _ random: inout SplitMix) {
    let bucketCount = 20
    var encoder = HistogramEncoder()
    for _ in 0..<chunkCount {
      var chunk = HistogramColumns()
      chunk.isFloat = encoding == .floatHistogram
      chunk.layout.schema = 3
      chunk.layout.zeroThreshold = 0x1p-128.bitPattern
      chunk.layout.positiveSpans = [
        HistogramLayout.Span(offset: -8, length: 12), HistogramLayout.Span(offset: 2, length: 8),
      ]
      var buckets = [UInt64](repeating: 0, count: bucketCount)
      var sum = 0.0
      for index in 0..<120 {
        // Up to 200 requests since the last scrape, most of them in the middle buckets.
        for _ in 0..<random.next() % 200 {
          buckets[Int(random.next() % 11 + random.next() % 10)] += 1
          sum += Double(random.next() % 1_000) / 1_000
        }
        let count = buckets.reduce(0, +)
        chunk.timestamps.append(1_700_000_000_000 + Int64(index) * 15_000)
        chunk.counts.append(chunk.isFloat ? Double(count).bitPattern : count)
        chunk.zeroCounts.append(0)
        chunk.sums.append(sum.bitPattern)
        chunk.buckets += chunk.isFloat ? buckets.map { Double($0).bitPattern } : buckets
      }
      let start = bytes.count
      encoder.encode(chunk, 0..<120, encoding: encoding, appendingTo: &bytes)
      ranges.append(start..<bytes.count)
      columns.append(chunk)
      sampleCount += 120
    }
    bytes += [UInt8](repeating: 0, count: 8)
  }
}
