internal import TSDBBlock
internal import TestSupport
internal import Testing

@Suite struct SeriesRunsTests {
  private let labels = LabelSet(["__name__": "latency"])

  private func histograms(counts: [UInt64], from start: Int64 = 0) -> HistogramColumns {
    var columns = HistogramColumns()
    columns.layout.positiveSpans = [HistogramLayout.Span(offset: 0, length: 1)]
    for (index, count) in counts.enumerated() {
      columns.append(
        timestamp: start + Int64(index) * 1000, count: count, zeroCount: 0,
        sum: Double(count).bitPattern, buckets: [count])
    }
    return columns
  }

  private func floats(_ values: [Double], from start: Int64) -> SampleColumns {
    var columns = SampleColumns()
    for (index, value) in values.enumerated() {
      columns.append(timestamp: start + Int64(index) * 1000, valueBits: value.bitPattern)
    }
    return columns
  }

  /// The chunks that a series of `runs` becomes, read back.
  private func write(
    _ runs: [ChunkColumns], samplesPerChunk: Int = 120, keepsStarts: Bool = false
  ) throws -> [(encoding: ChunkEncoding, columns: ChunkColumns)] {
    try withTemporaryDirectory { temporary in
      let writer = try BlockWriter(directory: temporary + "/block")
      let ordinals = try writer.addSymbols(of: [labels])
      try writer.addSeries(
        labels, ordinals, runs: runs, samplesPerChunk: samplesPerChunk, keepsStarts: keepsStarts)
      try writer.publish(BlockMeta(id: .zero, minTime: 0, maxTime: 1, stats: writer.stats))
      let block = try BlockReader(directory: temporary + "/block")
      var series = try block.series()
      guard try series.next() else { return [] }
      return try series.chunks.map { chunk in
        var columns = ChunkColumns()
        try series.read(chunk, into: &columns)
        return (try series.encoding(of: chunk), columns)
      }
    }
  }

  @Test func `a counter that begins anew begins a chunk that says so`() throws {
    let chunks = try write([ChunkColumns(histograms(counts: [3, 5, 9, 2, 4]))])
    #expect(chunks.map(\.columns.histograms.counts) == [[3, 5, 9], [2, 4]])
    #expect(chunks.map(\.columns.histograms.resetHeader) == [.unknown, .reset])
    #expect(chunks.map(\.encoding) == [.histogram, .histogram])
  }

  @Test func `a full chunk of histograms is followed by one that knows of no reset`() throws {
    let chunks = try write(
      [ChunkColumns(histograms(counts: Array(1...250)))], samplesPerChunk: 120)
    #expect(chunks.map(\.columns.count) == [120, 120, 10])
    #expect(chunks.map(\.columns.histograms.resetHeader) == [.unknown, .notReset, .notReset])
    #expect(chunks.flatMap(\.columns.histograms.counts) == Array(1...250))
  }

  @Test func `a series may change from floats to histograms and back`() throws {
    let runs = [
      ChunkColumns(floats([1, 2, 3], from: 0)),
      ChunkColumns(histograms(counts: [1, 2], from: 10_000)),
      ChunkColumns(floats([], from: 0)),
      ChunkColumns(floats([4, 5], from: 20_000)),
    ]
    let chunks = try write(runs, samplesPerChunk: 2)
    #expect(chunks.map(\.encoding) == [.xor, .xor, .histogram, .xor])
    #expect(chunks.flatMap(\.columns.timestamps) == runs.flatMap(\.timestamps))
  }

  @Test func `histograms of doubles and stale markers are kept`() throws {
    var columns = HistogramColumns()
    columns.isFloat = true
    columns.resetHeader = .gauge
    columns.layout.negativeSpans = [HistogramLayout.Span(offset: 2, length: 2)]
    for (time, value) in [1.5, 0.25].enumerated() {
      columns.append(
        timestamp: Int64(time), count: value.bitPattern, zeroCount: 0, sum: value.bitPattern,
        buckets: [value.bitPattern, 0])
    }
    columns.append(
      timestamp: 7, count: 0, zeroCount: 0, sum: SampleValue.staleMarker, buckets: [0, 0])
    let chunks = try write([ChunkColumns(columns)])
    #expect(chunks.map(\.encoding) == [.floatHistogram])
    #expect(chunks.first?.columns.histograms == columns)
  }

  @Test func `start times are written only when asked for`() throws {
    var columns = floats([1, 2], from: 5000)
    columns.starts = [4000, 4000]
    var counts = histograms(counts: [1, 2], from: 9000)
    counts.starts = [0, 8000]
    let runs = [ChunkColumns(columns), ChunkColumns(counts)]
    let plain = try write(runs)
    #expect(plain.map(\.encoding) == [.xor, .histogram])
    let kept = try write(runs, keepsStarts: true)
    #expect(kept.map(\.encoding) == [.xor2, .histogramST])
    #expect(kept[0].columns.floats == columns)
    #expect(kept[1].columns.histograms == counts)
  }

  @Test func `columns that cannot be written are refused`() throws {
    var short = floats([1, 2], from: 0)
    short.values.removeLast()
    var narrow = histograms(counts: [1, 2])
    narrow.buckets.removeLast()
    var odd = histograms(counts: [1])
    odd.layout.schema = 60
    let backwards = [
      ChunkColumns(floats([1, 2], from: 0)), ChunkColumns(histograms(counts: [1], from: 1000)),
    ]
    let refused = [
      [ChunkColumns(short)], [ChunkColumns(narrow)], [ChunkColumns(odd)], backwards,
    ]
    for runs in refused {
      let error = #expect(throws: BlockError.self) { try write(runs) }
      #expect(error?.code == .invalidInput)
      #expect(error?.description.contains("{__name__=\"latency\"} has ") == true)
    }
  }
}
