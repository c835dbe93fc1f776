internal import TSDBBlock

/// The code that README.md and the articles of the library show, word for word.
struct Examples {
  /// What the examples print.
  private(set) var output: [String] = []

  private mutating func print(_ items: Any...) {
    output.append(items.map { "\($0)" }.joined(separator: " "))
  }

  // MARK: Reading

  mutating func readOneMetric(directory: String) throws {
    let block = try BlockReader(directory: directory)
    var series = try block.series(matching: #"up{job="api"}"#)
    var samples = SampleColumns()
    while try series.next() {
      samples.removeAll()
      try series.appendSamples(to: &samples)
      print(series.labels, samples.count, "samples")
    }
  }

  mutating func readAnything(block: BlockReader) throws {
    var series = try block.series(in: 1_700_000_000_000...1_700_000_060_000)
    var columns = ChunkColumns()
    while try series.next() {
      for chunk in series.chunks {
        try series.read(chunk, into: &columns)
        switch columns.kind {
        case .floats:
          let samples = columns.floats
          for (time, bits) in zip(samples.timestamps, samples.values) {
            print(series.labels, time, Double(bitPattern: bits))
          }
        case .integerHistograms, .floatHistograms:
          let histograms = columns.histograms
          for index in 0..<histograms.count {
            let buckets = histograms.buckets(at: index)
            print(series.labels, histograms.timestamps[index], buckets.positive)
          }
        }
      }
    }
  }

  mutating func readAggregates(series: SeriesReader) throws {
    var columns = ChunkColumns()
    for chunk in series.chunks where try series.encoding(of: chunk) == .aggregate {
      if try series.read(.max, of: chunk, into: &columns) {
        print("largest value:", columns.floats.values.map { Double(bitPattern: $0) }.max() ?? 0)
      }
    }
  }

  mutating func readOn(block: BlockReader) throws {
    var series = try block.series()
    var columns = ChunkColumns()
    while try series.next() {
      for chunk in series.chunks {
        do {
          try series.read(chunk, into: &columns)
        } catch {
          print("lost", series.labels, "from", chunk.minTime, "to", chunk.maxTime, "-", error)
        }
      }
    }
  }

  mutating func listLabels(block: BlockReader) throws {
    let jobs = try block.index.labelValues(of: Array("job".utf8))
    print(jobs.map { String(decoding: $0, as: UTF8.self) })
  }

  // MARK: Writing

  mutating func write(directory: String, id: BlockID) throws {
    let latency = LabelSet(["__name__": "latency_seconds", "job": "api"])
    let up = LabelSet(["__name__": "up", "job": "api"])

    var histograms = HistogramColumns()
    histograms.layout.schema = 3
    histograms.layout.positiveSpans = [HistogramLayout.Span(offset: -4, length: 3)]
    var samples = SampleColumns()
    for step in 0..<UInt64(10) {
      let time = 1_700_000_000_000 + 15_000 * Int64(step)
      samples.append(timestamp: time, valueBits: Double(1).bitPattern)
      histograms.append(
        timestamp: time, count: 3 * step, zeroCount: 0, sum: (2.1 * Double(step)).bitPattern,
        buckets: [step, step, step])
    }

    let writer = try BlockWriter(directory: directory)
    let ordinals = try writer.addSymbols(of: [latency, up])
    try writer.addSeries(latency, ordinals, histograms: histograms)
    try writer.addSeries(up, ordinals, samples)
    var meta = BlockMeta(
      id: id, minTime: 1_700_000_000_000, maxTime: 1_700_007_200_000, stats: writer.stats)
    meta.compaction.sources = [id]
    try writer.publish(meta)
  }

  // MARK: Merging

  mutating func merge(_ directories: [String], output: String, id: BlockID) throws {
    var inputs: [BlockReader] = []
    for directory in directories { inputs.append(try BlockReader(directory: directory)) }
    let merge = BlockMerge(
      inputs: inputs, range: 1_700_000_000_000...1_700_014_399_999, overlaps: .chain)
    let writer = try BlockWriter(directory: output)
    guard let summary = try merge.run(into: writer) else { return }
    var meta = BlockMeta(
      id: id, minTime: 1_700_000_000_000, maxTime: 1_700_014_400_000, stats: writer.stats)
    meta.compaction.level = 2
    meta.compaction.sources = inputs.flatMap(\.meta.compaction.sources)
    try writer.publish(meta)

    let check = try BlockVerification.read(directory: output)
    print("proven:", check?.fingerprint == summary.fingerprint)
  }

  mutating func downsample(block: BlockReader, output: String, id: BlockID) throws {
    let downsample = BlockDownsample(input: block, resolution: 300_000)
    let writer = try BlockWriter(directory: output)
    guard let summary = try downsample.run(into: writer) else { return }
    var meta = block.meta
    meta.id = id
    meta.stats = writer.stats
    meta.thanos = meta.thanos ?? ThanosMeta()
    meta.thanos?.resolution = 300_000
    try writer.publish(meta)
    print(summary.series, "series, downsampled")
  }
}
