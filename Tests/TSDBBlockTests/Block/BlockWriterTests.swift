import TSDBBlock
import TestSupport
import Testing

@Suite struct BlockWriterTests {
  private let id = BlockID("01M81TM769G6KD7MVWD56GJ0RY")

  private func withWriter(_ body: (BlockWriter) throws -> Void) throws {
    try withTemporaryDirectory { temporary in
      let writer = try BlockWriter(directory: temporary + "/block")
      for symbol in ["", "a", "b", "c"] { try writer.addSymbol(Array(symbol.utf8)) }
      try body(writer)
    }
  }

  private func add(
    _ writer: BlockWriter, _ labels: [(UInt32, UInt32)], times: [(Int64, Int64)] = [(0, 9)]
  ) throws {
    var encoder = XOREncoder()
    encoder.append(timestamp: 0, valueBits: 0)
    let payload = encoder.finish()
    writer.beginSeries(payloadByteCounts: times.map { _ in payload.count })
    for (minTime, maxTime) in times {
      try writer.appendChunk(
        minTime: minTime, maxTime: maxTime, encoding: 1, payload: payload.span.bytes)
    }
    try writer.endSeries(labels: labels.map { LabelReference(name: $0.0, value: $0.1) })
  }

  @Test func `what is written is read back`() throws {
    let id = try #require(id)
    try withTemporaryDirectory { temporary in
      let series = (0..<300).map { number in
        TestSeries(
          LabelSet(["__name__": "m", "n": "\(number)", "odd": "\(number % 2)"]),
          (0..<250).map { (time: Int64($0) * 1000, value: Double($0 * number)) })
      }
      let meta = try makeBlock(at: temporary + "/block", id: id, series)
      #expect(meta.stats.series == 300)
      #expect(meta.stats.chunks == 900)
      #expect(meta.stats.samples == 75_000)
      let reader = try BlockReader(directory: temporary + "/block")
      let read = try BlockModel(reading: reader)
      #expect(read.count == series.count)
      for one in series {
        let expected = one.samples.map { ($0.time, $0.value.bitPattern) }
        #expect(read[one.labels] == Dictionary(uniqueKeysWithValues: expected))
      }
      let odd = try reader.index.select([LabelMatcher(.equal, "odd", "1")])
      #expect(odd.ids.count == 150)
      let some = try reader.index.select([LabelMatcher(.regex, "n", "1|22|nope")])
      #expect(some.ids.count == 2)
    }
  }

  @Test func `series out of order are refused`() throws {
    try withWriter { writer in
      try add(writer, [(1, 2)])
      #expect(throws: BlockError.self) { try add(writer, [(1, 2)]) }
      #expect(throws: BlockError.self) { try add(writer, [(1, 1)]) }
      try add(writer, [(1, 2), (2, 2)])
    }
  }

  @Test func `labels that are out of order, double, absent or unknown are refused`() throws {
    for labels: [(UInt32, UInt32)] in [[(2, 1), (1, 1)], [(1, 1), (1, 2)], [], [(1, 9)]] {
      try withWriter { writer in
        #expect(throws: BlockError.self) { try add(writer, labels) }
      }
    }
  }

  @Test func `chunks that overlap or end before they begin are refused`() throws {
    for times: [(Int64, Int64)] in [[(0, 9), (9, 12)], [(5, 4)], [(10, 12), (0, 5)]] {
      try withWriter { writer in
        #expect(throws: BlockError.self) { try add(writer, [(1, 2)], times: times) }
      }
    }
  }

  @Test func `symbols out of order are refused`() throws {
    try withWriter { writer in
      #expect(throws: BlockError.self) { try writer.addSymbol(Array("b".utf8)) }
    }
  }

  @Test func `a block that is not published leaves nothing behind`() throws {
    try withTemporaryDirectory { temporary in
      do {
        let writer = try BlockWriter(directory: temporary + "/block")
        try writer.addSymbol(Array("a".utf8))
      }
      #expect(try runProcess("ls", ["-A", temporary]).outputText == "")
    }
  }

  @Test func `a block does not replace one that exists`() throws {
    let id = try #require(id)
    try withTemporaryDirectory { temporary in
      let series = [TestSeries(LabelSet(["a": "b"]), [(time: 1, value: 1)])]
      try makeBlock(at: temporary + "/block", id: id, series)
      #expect(throws: BlockError.self) { try makeBlock(at: temporary + "/block", id: id, series) }
    }
  }
}
