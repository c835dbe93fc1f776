/// Histograms of a series that are downsampled together: all with custom buckets, or none.
struct HistogramSamples {
  private var chunks: [HistogramColumns] = []
  private var places: [(chunk: Int, index: Int)] = []
  private(set) var timestamps: [Int64] = []

  var isEmpty: Bool { places.isEmpty }

  /// Adds the samples of a chunk as ``RawDownsampler`` does those of floats: without stale markers
  /// and without those that go back inside the chunk or are negative in time.
  mutating func append(_ chunk: HistogramColumns) {
    var last: Int64 = 0
    chunks.append(chunk)
    for index in 0..<chunk.count where !chunk.isStale(at: index) {
      let time = chunk.timestamps[index]
      guard time >= last else { continue }
      places.append((chunks.count - 1, index))
      timestamps.append(time)
      last = time
    }
  }

  func isGauge(at position: Int) -> Bool {
    chunks[places[position].chunk].hint(at: places[position].index) == .gauge
  }

  func isNumber(at position: Int) -> Bool {
    let (chunk, index) = places[position]
    return !Double(bitPattern: chunks[chunk].sums[index]).isNaN
  }

  func sample(at position: Int) -> FloatHistogram {
    FloatHistogram(chunks[places[position].chunk], at: places[position].index)
  }

  /// The coarsest schema among samples.
  func schema(of positions: [Int]) -> Int32 {
    positions.reduce(Int32.max) { min($0, chunks[places[$1].chunk].layout.schema) }
  }

  /// Calls `body` at the end of each window of the samples at `positions`.
  func forEachWindow(
    of positions: [Int], resolution: Int64, _ body: (Int64, HistogramAggregator) -> Void
  ) {
    guard let last = positions.last else { return }
    var aggregator = HistogramAggregator(schema: schema(of: positions))
    var end: Int64 = -1
    for position in positions {
      let time = timestamps[position]
      if time > end {
        if end >= 0 { body(end, aggregator) }
        aggregator.beginWindow()
        end = min(DownsampleWindows.end(of: time, resolution), timestamps[last])
      }
      aggregator.add(sample(at: position))
    }
    body(end, aggregator)
  }

  /// The chunks of raw samples.
  func downsampled(resolution: Int64) -> [DownsampledChunk] {
    var chunks: [DownsampledChunk] = []
    for batch in DownsampleWindows.batches(of: timestamps, resolution: resolution) {
      let positions = batch.filter(isNumber)
      guard let first = positions.first else { continue }
      var writer = HistogramAggregateWriter(isGauge: isGauge(at: first))
      forEachWindow(of: positions, resolution: resolution) { time, aggregator in
        writer.add(
          time, count: Double(aggregator.count), sum: aggregator.sum, counter: aggregator.counter)
      }
      writer.finish()
      chunks += writer.chunks
    }
    return chunks
  }
}
