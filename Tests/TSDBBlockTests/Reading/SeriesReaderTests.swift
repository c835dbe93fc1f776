internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import TSDBBlock

@Suite struct SeriesReaderTests {
  private func withBlock(_ body: (String) throws -> Void) throws {
    let id = try #require(BlockID("01M81TM769G6KD7MVWD56GJ0RY"))
    try withTemporaryDirectory { temporary in
      try makeBlock(
        at: temporary + "/block", id: id,
        (0..<20).map { number in
          TestSeries(
            LabelSet(["__name__": "m", "n": "\(number)", "odd": "\(number % 2)"]),
            (0..<10).map { (time: Int64($0) * 1000, value: Double($0 * number)) })
        }, samplesPerChunk: 4)
      try body(temporary + "/block")
    }
  }

  private func values(
    _ block: BlockReader, _ selector: String, in range: ClosedRange<Int64> = 0...100_000
  ) throws -> [String: [Double]] {
    var found: [String: [Double]] = [:]
    var samples = SampleColumns()
    var series = try block.series(matching: selector, in: range)
    while try series.next() {
      samples.removeAll()
      try series.appendSamples(to: &samples)
      let name = String(decoding: series.labels.value(of: "n") ?? [], as: UTF8.self)
      found[name] = samples.values.map { Double(bitPattern: $0) }
    }
    return found
  }

  @Test func `a selector and a range choose series and samples`() throws {
    try withBlock { directory in
      let block = try BlockReader(directory: directory)
      #expect(
        try values(block, #"m{odd="1", n!~"1.*"}"#, in: 2000...4000) == [
          "3": [6, 9, 12], "5": [10, 15, 20], "7": [14, 21, 28], "9": [18, 27, 36],
        ])
      #expect(try values(block, "{}").count == 20)
      #expect(try values(block, "absent").isEmpty)
      #expect(try values(block, "m", in: 10_000...20_000).isEmpty)
      // Between two samples of one chunk: the series is there, without samples.
      #expect(try values(block, #"{n="3"}"#, in: 500...600) == ["3": []])
      // Between two chunks.
      #expect(try values(block, #"{n="3"}"#, in: 3500...3600).isEmpty)
    }
  }

  @Test func `a selector that is not one is named`() throws {
    try withBlock { directory in
      let block = try BlockReader(directory: directory)
      let error = #expect(throws: BlockError.self) { try block.series(matching: "m{n=1}") }
      #expect(error?.code == .invalidMatcher)
      #expect(error?.description.contains("at character") == true)
    }
  }

  @Test func `a condition left to the series is tested there`() throws {
    try withTemporaryDirectory { temporary in
      let id = try #require(BlockID("01M81TM769G6KD7MVWD56GJ0RY"))
      // Two thousand values of one label are more than the few series of a metric are worth.
      let series = (0..<2000).map { number in
        TestSeries(
          LabelSet(["__name__": number < 3 ? "few" : "many", "n": "\(number)"]),
          [(time: 1, value: Double(number))])
      }
      try makeBlock(at: temporary + "/block", id: id, series)
      let block = try BlockReader(directory: temporary + "/block")
      let matchers = try SelectorParser.parse(#"few{n!~".*1"}"#)
      #expect(try !block.index.select(matchers).remaining.isEmpty)
      #expect(try values(block, #"few{n!~".*1"}"#) == ["0": [0], "2": [2]])
    }
  }

  @Test func `a damaged chunk is named and the others are read`() throws {
    try withBlock { directory in
      let path = directory + "/chunks/000001"
      let healthy = try BlockReader(directory: directory)
      var series = try healthy.series(matching: #"{n="3"}"#)
      _ = try series.next()
      let chunk = series.chunks[1]
      try flipBit(at: chunk.location.offset + 6, of: path)

      let block = try BlockReader(directory: directory)
      var samples = SampleColumns()
      var damaged = try block.series(matching: #"{n="3"}"#)
      #expect(try damaged.next())
      let error = #expect(throws: BlockError.self) { try damaged.appendSamples(to: &samples) }
      #expect(error?.code == .checksumMismatch)
      #expect(error?.path == "chunks/000001")
      #expect(error?.offset == chunk.location.offset)
      #expect(samples.timestamps == [0, 1000, 2000, 3000])
      try damaged.appendSamples(of: damaged.chunks[2], to: &samples)
      #expect(samples.timestamps == [0, 1000, 2000, 3000, 8000, 9000])
      var columns = ChunkColumns()
      #expect(throws: BlockError.self) { try damaged.read(chunk, into: &columns) }
      #expect(throws: BlockError.self) { try damaged.encoding(of: chunk) }
      #expect(columns.count == 0)
    }
  }

  @Test func `a damaged series entry is named and passed over`() throws {
    try withBlock { directory in
      let path = directory + "/index"
      let healthy = try BlockReader(directory: directory)
      let ids = try healthy.index.allPostings()
      let place = healthy.index.seriesOffset(ids[4])
      try flipBit(at: place + 3, of: path)

      var series = try BlockReader(directory: directory).series()
      for _ in 0..<4 { #expect(try series.next()) }
      let error = #expect(throws: BlockError.self) { try series.next() }
      #expect(error?.path == "index")
      #expect(error?.section == "series")
      #expect(error?.offset == place)
      #expect(series.id == ids[4])
      #expect(series.labels.isEmpty && series.chunks.isEmpty)
      var left = 0
      while try series.next() { left += 1 }
      #expect(left == 15)
    }
  }

  @Test func `an aggregate is asked of chunks that hold aggregates only`() throws {
    try withBlock { directory in
      var series = try BlockReader(directory: directory).series()
      var columns = ChunkColumns()
      #expect(try series.next())
      let error = #expect(throws: BlockError.self) {
        try series.read(.sum, of: series.chunks[0], into: &columns)
      }
      #expect(error?.code == .unsupportedEncoding)
      #expect(
        error?.description
          == "chunks/000001: chunk at offset \(series.chunks[0].location.offset): "
          + "has the encoding XOR, which holds no aggregates")
    }
  }

  @Test(arguments: 0..<200)
  func `a filter of times gives the answer of a search through all deletions`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let edges = [Int64.min, Int64.min + 1, -1, 0, 1, Int64.max - 1, Int64.max]
    func time() -> Int64 {
      random.next() % 8 == 0
        ? edges.randomElement(using: &random) ?? 0 : Int64.random(in: -50...50, using: &random)
    }
    func interval() -> ClosedRange<Int64> {
      let (a, b) = (time(), time())
      return min(a, b)...max(a, b)
    }
    var tombstones = Tombstones()
    for _ in 0..<Int.random(in: 0...5, using: &random) {
      tombstones.delete(interval(), ofSeries: 1)
    }
    let deletions = tombstones.intervals(ofSeries: 1)
    let range = interval()
    var filter = TimeFilter(range, deletions: deletions)
    func isWanted(_ time: Int64) -> Bool {
      range.contains(time) && !deletions.contains { $0.contains(time) }
    }
    for _ in 0..<200 {
      let asked = time()
      #expect(filter.wants(asked) == isWanted(asked))
      let chunk = interval()
      let span = ChunkSpan(
        minTime: chunk.lowerBound, maxTime: chunk.upperBound,
        location: ChunkLocation(segment: 0, offset: 8))
      // A chunk is left out only if none of its times is wanted.
      if !filter.wants(span) {
        #expect(!isWanted(chunk.lowerBound) && !isWanted(chunk.upperBound))
        for time in Int64(-50)...50 where chunk.contains(time) { #expect(!isWanted(time)) }
      }
      let isCovered = deletions.contains {
        $0.contains(chunk.lowerBound) && $0.contains(chunk.upperBound)
      }
      #expect(filter.wants(span) == (chunk.overlaps(range) && !isCovered))
    }
    for _ in 0..<50 {
      let near = Int64.random(in: -50...50, using: &random)
      let times = (0..<Int.random(in: 1...6, using: &random)).map { place in
        place % 4 == 3 ? time() : near &+ Int64.random(in: 0...3, using: &random)
      }
      let isOneStretch =
        times.allSatisfy(isWanted)
        && !deletions.contains { deletion in
          times.contains { $0 < deletion.lowerBound } && times.contains { $0 > deletion.upperBound }
        }
      #expect(filter.wantsAll(of: times, from: 0) == isOneStretch)
      #expect(filter.wantsAll(of: [near] + times, from: 1) == isOneStretch)
    }
  }
}

/// Changes one bit of a file.
func flipBit(at offset: Int, of path: String) throws {
  var bytes = try readFile(path)
  bytes[offset] ^= 1
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}
