internal import TestSupport
internal import Testing

@testable internal import TSDBBlock

/// Random histograms that count up and begin anew, against the slow, obvious form of downsampling.
@Suite struct HistogramDownsampleTests {
  private static let resolution: Int64 = 300_000
  private static let bucketCount = 4

  private struct Sample {
    var time: Int64
    var buckets: [Double]
    var zero: Double
    var sum: Double
    var isReset: Bool

    var count: Double { buckets.reduce(zero, +) }
  }

  @Test(arguments: 0..<40, [false, true])
  func `five minutes of histograms become a count, a sum and a counter`(
    seed: Int, isFloat: Bool
  ) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let samples = Self.samples(&random)
    var downsampler = SeriesDownsampler(from: 0, to: Self.resolution)
    for chunk in Self.chunks(of: samples) {
      let columns = Self.columns(chunk, isFloat)
      let encoding: ChunkEncoding = isFloat ? .floatHistogram : .histogram
      var bytes: [UInt8] = []
      var encoder = HistogramEncoder()
      encoder.encode(columns, 0..<columns.count, encoding: encoding, appendingTo: &bytes)
      try downsampler.append(
        bytes.rawSpan, 0..<bytes.count, encoding: encoding, minTime: columns.timestamps[0],
        maxTime: columns.timestamps[columns.count - 1])
    }
    let chunks = try downsampler.finish()
    #expect(chunks.count == 1)
    let payload = try #require(chunks.first).payload
    let parts = try AggregateDownsampler.Parts(payload.rawSpan, 0...0)
    let count = try #require(parts.columns[.count]).floats
    let sum = try #require(parts.columns[.sum]).histograms
    let counter = try #require(parts.columns[.counter]).histograms
    let expected = Self.windows(of: samples)
    #expect(count.timestamps == expected.map(\.time))
    #expect(sum.timestamps == expected.map(\.time))
    #expect(counter.timestamps == expected.map(\.time))
    #expect(count.values.map { Double(bitPattern: $0) } == expected.map(\.count))
    #expect(Self.totals(sum) == expected.map(\.sum))
    #expect(Self.totals(counter) == expected.map(\.counter))
  }

  /// Observations, those in the zero bucket, the sum of the values and the buckets of each sample.
  private static func totals(_ columns: HistogramColumns) -> [[Double]] {
    (0..<columns.count).map { index in
      let width = columns.bucketCount
      let buckets = columns.buckets[index * width..<(index + 1) * width]
      return [columns.counts[index], columns.zeroCounts[index], columns.sums[index]].map {
        Double(bitPattern: $0)
      } + buckets.map { Double(bitPattern: $0) }
    }
  }

  private struct Window {
    var time: Int64
    var count: Double
    var sum: [Double]
    var counter: [Double]
  }

  private static func windows(of samples: [Sample]) -> [Window] {
    func fields(_ sample: Sample) -> [Double] {
      [sample.count, sample.zero, sample.sum] + sample.buckets
    }
    var counter = [Double](repeating: 0, count: 3 + bucketCount)
    var previous: [Double]?
    var windows: [Window] = []
    for key in Set(samples.map { $0.time / resolution }).sorted() {
      let own = samples.filter { $0.time / resolution == key }
      var sum = [Double](repeating: 0, count: 3 + bucketCount)
      for sample in own {
        let now = fields(sample)
        for field in now.indices {
          sum[field] += now[field]
          let before = sample.isReset ? 0 : previous?[field] ?? 0
          counter[field] += now[field] - before
        }
        previous = now
      }
      let end = min((key + 1) * resolution - 1, samples.last?.time ?? 0)
      windows.append(Window(time: end, count: Double(own.count), sum: sum, counter: counter))
    }
    return windows
  }

  private static func samples(_ random: inout SeededRandom) -> [Sample] {
    var time = Int64.random(in: 0...10_000_000, using: &random)
    var current = Sample(
      time: 0, buckets: [Double](repeating: 1, count: bucketCount), zero: 1, sum: 1, isReset: false)
    return (0..<Int.random(in: 2...120, using: &random)).map { index in
      time += Int64.random(in: 1...90_000, using: &random)
      current.time = time
      // One that begins anew has fewer observations than before, else nobody could tell.
      current.isReset =
        index > 0 && current.count > 1 && Int.random(in: 0..<25, using: &random) == 0
      for bucket in 0..<bucketCount {
        let more = Double(Int.random(in: 0...9, using: &random))
        current.buckets[bucket] = current.isReset ? 0 : current.buckets[bucket] + more
      }
      current.zero = current.isReset ? 0 : current.zero + 1
      current.sum =
        current.isReset ? 0 : current.sum + Double(Int.random(in: 0...50, using: &random))
      if current.isReset { current.buckets[0] = 1 }
      return current
    }
  }

  /// Chunks end at 20 samples, and where the counter begins anew.
  private static func chunks(of samples: [Sample]) -> [[Sample]] {
    var chunks: [[Sample]] = []
    for sample in samples {
      if let last = chunks.last, last.count < 20, !sample.isReset {
        chunks[chunks.count - 1].append(sample)
      } else {
        chunks.append([sample])
      }
    }
    return chunks
  }

  private static func columns(_ samples: [Sample], _ isFloat: Bool) -> HistogramColumns {
    var columns = HistogramColumns()
    columns.isFloat = isFloat
    columns.layout.positiveSpans = [.init(offset: 0, length: UInt32(bucketCount))]
    columns.resetHeader = samples[0].isReset ? .reset : .unknown
    func bits(_ value: Double) -> UInt64 { isFloat ? value.bitPattern : UInt64(value) }
    for sample in samples {
      columns.append(
        timestamp: sample.time, count: bits(sample.count), zeroCount: bits(sample.zero),
        sum: sample.sum.bitPattern, buckets: sample.buckets.map(bits))
    }
    return columns
  }
}
