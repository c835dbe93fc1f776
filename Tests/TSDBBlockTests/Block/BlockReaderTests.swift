import TSDBBlock
import TestSupport
import Testing

@Suite struct DamageTests {
  private static let id = BlockID("01M81TM769G6KD7MVWD56GJ0RY")

  private func smallBlock(at directory: String) throws {
    let id = try #require(Self.id)
    try makeBlock(
      at: directory, id: id,
      (0..<5).map { number in
        TestSeries(
          LabelSet(["__name__": "m", "n": "\(number)"]),
          (0..<10).map { (time: Int64($0) * 15_000, value: Double($0 * number)) })
      })
  }

  /// Reads all there is to read; a damaged block gives errors, never a trap.
  private func readEverything(index bytes: [UInt8]) -> (errors: Int, series: Int) {
    var errors = 0
    var series = 0
    do {
      let index = try IndexReader(ByteSlice(ByteStorage(bytes)))
      for name in (try? index.labelNames()) ?? [] {
        do { _ = try index.labelValues(of: name) } catch { errors += 1 }
      }
      do { _ = try index.symbols } catch { errors += 1 }
      for value in ["0", "1", "4", "nope"] {
        do { _ = try index.postings(name: Array("n".utf8), value: Array(value.utf8)) } catch {
          errors += 1
        }
      }
      do {
        for id in try index.allPostings() {
          var labels: [LabelReference] = []
          var chunks: [ChunkSpan] = []
          do {
            try index.appendSeries(id, labels: &labels, chunks: &chunks)
            _ = try index.labels(labels)
            series += 1
          } catch { errors += 1 }
        }
      } catch { errors += 1 }
    } catch { errors += 1 }
    return (errors, series)
  }

  @Test func `an index cut at any length is an error`() throws {
    try withTemporaryDirectory { temporary in
      try smallBlock(at: temporary + "/block")
      let bytes = try readFile(temporary + "/block/index")
      #expect(readEverything(index: bytes) == (errors: 0, series: 5))
      for length in 0..<bytes.count {
        #expect(readEverything(index: Array(bytes.prefix(length))).errors > 0, "\(length)")
      }
    }
  }

  @Test func `every flipped bit of an index is an error or harmless`() throws {
    try withTemporaryDirectory { temporary in
      try smallBlock(at: temporary + "/block")
      let bytes = try readFile(temporary + "/block/index")
      var silent = 0
      for bit in 0..<bytes.count * 8 {
        var damaged = bytes
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        if readEverything(index: damaged).errors == 0 { silent += 1 }
      }
      // Padding, the bit between versions 2 and 3, and lists this reading does not ask for.
      #expect(silent < bytes.count * 8 / 3)
    }
  }

  @Test func `every flipped bit and every cut of a segment is an error`() throws {
    try withTemporaryDirectory { temporary in
      try smallBlock(at: temporary + "/block")
      let reader = try BlockReader(directory: temporary + "/block")
      let bytes = try readFile(temporary + "/block/chunks/000001")
      var locations: [ChunkSpan] = []
      for id in try reader.index.allPostings() {
        var labels: [LabelReference] = []
        try reader.index.appendSeries(id, labels: &labels, chunks: &locations)
      }
      func errors(_ bytes: [UInt8]) -> Int {
        guard
          let segment = try? SegmentReader(ByteSlice(ByteStorage(bytes)), path: "chunks/000001")
        else { return locations.count }
        return locations.count { (try? segment.record(at: $0.location.offset)) == nil }
      }
      #expect(errors(bytes) == 0)
      for length in 0..<bytes.count { #expect(errors(Array(bytes.prefix(length))) > 0) }
      for bit in 0..<bytes.count * 8 where !(5..<8).contains(bit / 8) {
        var damaged = bytes
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(errors(damaged) > 0, "bit \(bit)")
      }
    }
  }

  @Test func `a missing segment and a path in segment_files are named`() throws {
    try withTemporaryDirectory { temporary in
      let directory = temporary + "/block"
      let id = try #require(Self.id)
      try makeBlock(
        at: directory, id: id, [TestSeries(LabelSet(["a": "b"]), [(time: 1, value: 1)])]
      ) {
        $0.thanos = ThanosMeta()
        $0.thanos?.segmentFiles = ["000001", "000002"]
      }
      let missing = #expect(throws: BlockError.self) {
        try BlockReader(directory: directory).chunks
      }
      #expect(missing?.code == .missing)
      #expect(missing?.description.contains("chunks/000002") == true)
      try makeBlock(
        at: directory + "2", id: id, [TestSeries(LabelSet(["a": "b"]), [(time: 1, value: 1)])]
      ) {
        $0.thanos = ThanosMeta()
        $0.thanos?.segmentFiles = ["../../etc/passwd"]
      }
      let path = #expect(throws: BlockError.self) {
        try BlockReader(directory: directory + "2")
      }
      #expect(path?.description.contains("segment_files names \"../../etc/passwd\"") == true)
    }
  }

  @Test func `a file that shrinks under its mapping is an error and not a crash`() throws {
    try withTemporaryDirectory { temporary in
      try smallBlock(at: temporary + "/block")
      let path = temporary + "/block/chunks/000001"
      _ = try runProcess("truncate", ["-s", "200000", path]).requireSuccess()
      let segment = try SegmentReader(ByteSlice(ByteStorage(mapping: path)), path: "chunks/000001")
      _ = try segment.record(at: 8)
      _ = try runProcess("truncate", ["-s", "4", path]).requireSuccess()
      #expect(throws: BlockError.self) { try segment.record(at: 190_000) }
    }
  }
}
