internal import TSDBBlock
internal import TestSupport
internal import Testing

@Suite(.enabled(if: AllocationCount.isActive)) struct SeriesReaderAllocationTests {
  /// Fifty series of 300 samples in three chunks each.
  private func withBlock(_ body: (BlockReader) throws -> Void) throws {
    try withTemporaryDirectory { temporary in
      try makeBlock(
        at: temporary + "/block", id: .zero,
        (0..<50).map { number in
          TestSeries(
            LabelSet(["__name__": "m", "n": "\(number + 100)"]),
            (0..<300).map { (time: Int64($0) * 1000, value: Double($0)) })
        }, samplesPerChunk: 100)
      try body(try BlockReader(directory: temporary + "/block"))
    }
  }

  /// A range that cuts the first and the last chunk of every series.
  private let range: ClosedRange<Int64> = 50_000...250_000

  @Test func `going through series and their samples takes no memory`() throws {
    try withBlock { block in
      var series = try block.series(in: range)
      var samples = SampleColumns()
      var total = 0
      // The first series lets the arrays grow.
      #expect(try series.next())
      try series.appendSamples(to: &samples)
      let count = try AllocationCount.during { () throws(BlockError) in
        while try series.next() {
          samples.removeAll()
          try series.appendSamples(to: &samples)
          total += samples.count
        }
      }
      #expect(total == 49 * 201)
      #expect(count.isNone, "\(count)")
    }
  }

  @Test func `reading chunks of any encoding takes no memory`() throws {
    try withBlock { block in
      var series = try block.series(in: range)
      var columns = ChunkColumns()
      var total = 0
      #expect(try series.next())
      for chunk in series.chunks { try series.read(chunk, into: &columns) }
      let count = try AllocationCount.during { () throws(BlockError) in
        while try series.next() {
          for chunk in series.chunks {
            try series.read(chunk, into: &columns)
            total += columns.count
          }
        }
      }
      #expect(total == 49 * 201)
      #expect(count.isNone, "\(count)")
    }
  }
}
