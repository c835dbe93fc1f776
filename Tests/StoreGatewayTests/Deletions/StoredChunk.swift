import StoreAPI
import TSDBBlock
import TestSupport
import Testing

/// A chunk of a test block: samples and how they are written.
struct StoredChunk {
  var encoding: ChunkEncoding
  var columns: ChunkColumns

  var times: ClosedRange<Int64> {
    (columns.timestamps.first ?? 0)...(columns.timestamps.last ?? 0)
  }

  /// Its bytes without the encoding.
  var payload: [UInt8] {
    var bytes: [UInt8] = []
    guard encoding != .xor2 else {
      var encoder = XOR2Encoder()
      let floats = columns.floats
      for index in 0..<floats.count {
        encoder.append(
          timestamp: floats.timestamps[index], valueBits: floats.values[index],
          start: floats.starts.isEmpty ? 0 : floats.starts[index])
      }
      return encoder.finish()
    }
    var encoder = ChunkEncoder()
    encoder.encode(columns, 0..<columns.count, encoding: encoding, appendingTo: &bytes)
    return bytes
  }

  /// Its samples as lines, without start times, which clients do not get.
  func lines() throws -> [(time: Int64, line: String)] {
    switch columns.kind {
    case .floats:
      var floats = columns.floats
      floats.starts = []
      return canonicalLines(ChunkColumns(floats))
    default:
      var histograms = columns.histograms
      histograms.starts = []
      return canonicalLines(ChunkColumns(histograms))
    }
  }

  // MARK: Random chunks

  /// Samples at intervals of 10 to 30 seconds behind `time`, which is moved to the last one.
  static func random(
    _ encoding: ChunkEncoding, after time: inout Int64, using random: inout SeededRandom
  ) -> StoredChunk {
    let count = Int.random(in: 1...12, using: &random)
    var times: [Int64] = []
    for _ in 0..<count {
      time += Int64.random(in: 10_000...30_000, using: &random)
      times.append(time)
    }
    switch encoding {
    case .xor, .xor2:
      var floats = SampleColumns()
      for time in times {
        floats.append(
          timestamp: time, valueBits: Double(Int.random(in: 0..<100, using: &random)).bitPattern)
      }
      if encoding == .xor2 { floats.starts = times.map { $0 - 5 } }
      return StoredChunk(encoding: encoding, columns: ChunkColumns(floats))
    default:
      let isFloat = encoding == .floatHistogram || encoding == .floatHistogramST
      var histograms = HistogramColumns()
      histograms.isFloat = isFloat
      histograms.layout.positiveSpans = [.init(offset: 0, length: 2)]
      var buckets = [UInt64](repeating: 0, count: 2)
      func bits(_ number: UInt64) -> UInt64 { isFloat ? Double(number).bitPattern : number }
      for time in times {
        for index in 0..<2 { buckets[index] += UInt64.random(in: 0..<5, using: &random) }
        let total = buckets[0] + buckets[1]
        histograms.append(
          timestamp: time, count: bits(total), zeroCount: bits(0),
          sum: Double(total).bitPattern, buckets: buckets.map(bits))
      }
      if encoding == .histogramST || encoding == .floatHistogramST {
        histograms.starts = times.map { $0 - 5 }
      }
      return StoredChunk(encoding: encoding, columns: ChunkColumns(histograms))
    }
  }
}

extension Thanos_Chunk {
  /// Its samples as lines.
  func lines() throws -> [(time: Int64, line: String)] {
    let bytes = [UInt8](data)
    #expect(hash == XXHash64.hash(bytes))
    var columns = ChunkColumns()
    let encoding: ChunkEncoding =
      switch type {
      case .xor: .xor
      case .histogram: .histogram
      default: .floatHistogram
      }
    try columns.decode(bytes.rawSpan, 0..<bytes.count, encoding: encoding)
    return canonicalLines(columns)
  }
}
