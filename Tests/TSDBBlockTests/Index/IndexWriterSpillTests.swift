import TestSupport
import Testing

@testable import TSDBBlock

@Suite struct IndexWriterSpillTests {
  private struct Series {
    var labels: [LabelReference]
    var chunks: [ChunkSpan]
  }

  /// Series with few, many and single-use values under names that only some of them have.
  private func randomSeries(_ random: inout SeededRandom, symbolCount: UInt32) -> [Series] {
    var sets: Set<[LabelReference]> = []
    for number in 0..<Int.random(in: 1...900, using: &random) {
      var labels = [LabelReference(name: 1, value: UInt32(number % 7))]
      labels.append(LabelReference(name: 2, value: UInt32(number) % symbolCount))
      for name: UInt32 in 3..<9 where Bool.random(using: &random) {
        labels.append(
          LabelReference(name: name, value: UInt32.random(in: 0..<symbolCount, using: &random)))
      }
      sets.insert(labels)
    }
    let sorted = sets.sorted { IndexWriter.precedes($0.span, $1.span) }
    return sorted.enumerated().map { place, labels in
      let location = ChunkLocation(UInt64(8 + 20 * place))
      return Series(
        labels: labels, chunks: [ChunkSpan(minTime: 0, maxTime: 9, location: location)])
    }
  }

  private func write(
    _ series: [Series], symbolCount: UInt32, to path: String, limit: Int
  ) throws -> [UInt8] {
    let writer = try IndexWriter(path: path, postingsByteCountLimit: limit)
    for ordinal in 0..<symbolCount {
      try writer.addSymbol(Array("s\(10_000 + ordinal)".utf8).span.bytes)
    }
    for one in series { try writer.addSeries(labels: one.labels, chunks: one.chunks) }
    try writer.finish()
    return try readFile(path)
  }

  @Test(arguments: 0..<12)
  func `an index is the same however often its postings are spilled`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let symbolCount = UInt32.random(in: 40...3000, using: &random)
    let series = randomSeries(&random, symbolCount: symbolCount)
    try withTemporaryDirectory { temporary in
      let whole = try write(
        series, symbolCount: symbolCount, to: temporary + "/whole", limit: 1 << 20)
      for limit in [1, 700, 20_000] {
        let spilled = try write(
          series, symbolCount: symbolCount, to: temporary + "/spilled", limit: limit)
        #expect(spilled == whole, "limit \(limit)")
      }
      #expect(try runProcess("ls", ["-A", temporary]).outputText == "spilled\nwhole\n")
    }
  }

  @Test(arguments: 0..<6)
  func `the lists of an index are those of its series`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let symbolCount: UInt32 = 300
    let series = randomSeries(&random, symbolCount: symbolCount)
    try withTemporaryDirectory { temporary in
      let bytes = try write(
        series, symbolCount: symbolCount, to: temporary + "/index", limit: 2000)
      let index = try IndexReader(ByteSlice(ByteStorage(bytes)))
      let all = try index.allPostings()
      #expect(all.count == series.count)
      var expected: [LabelReference: [UInt32]] = [:]
      for (id, one) in zip(all, series) {
        for label in one.labels { expected[label, default: []].append(id) }
      }
      var entries = 0
      for (label, ids) in expected {
        let symbols = try index.symbols
        let found = try index.postings(
          name: symbols.bytes(of: label.name), value: symbols.bytes(of: label.value))
        #expect(found == ids)
        entries += ids.count
      }
      #expect(entries == series.reduce(0) { $0 + $1.labels.count })
      let names = try index.labelNames()
      let values = try names.map { try index.labelValues(of: $0).count }
      #expect(values.reduce(0, +) == expected.count)
    }
  }

  @Test func `an index that is given up leaves no file but itself`() throws {
    try withTemporaryDirectory { temporary in
      var random = SeededRandom(seed: 5)
      let writer = try IndexWriter(path: temporary + "/index", postingsByteCountLimit: 1)
      for ordinal in 0..<50 { try writer.addSymbol(Array("s\(100 + ordinal)".utf8).span.bytes) }
      for one in randomSeries(&random, symbolCount: 50) {
        try writer.addSeries(labels: one.labels, chunks: one.chunks)
        let names = try runProcess("ls", ["-A", temporary]).outputText
        guard names == "index\n" else {
          Issue.record("\(names)")
          return
        }
        if one.labels[0].value > 1 { break }
      }
    }
  }

  @Test(arguments: 0..<30)
  func `the lists of a spill file are read as they were written`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    try withTemporaryDirectory { temporary in
      let file = SpillFile(path: temporary + "/spill", bufferByteCount: 64)
      var numbers: [UInt64] = []
      for _ in 0..<Int.random(in: 0..<400, using: &random) {
        let number = random.next() >> UInt64.random(in: 0..<64, using: &random)
        numbers.append(number)
        var bytes: [UInt8] = []
        bytes.append(uvarint: number)
        try file.take(&bytes)
      }
      var reader = SpillReader(file, 0..<file.count, windowByteCount: 16)
      for number in numbers { #expect(try reader.uvarint() == number) }
      #expect(reader.isAtEnd)
      #expect(throws: BlockError.self) { try reader.uvarint() }
    }
  }
}

@Suite struct CRC32CJoiningTests {
  @Test func `checksums of two parts give that of the whole`() {
    var random = SeededRandom(seed: 1)
    for count in [0, 1, 2, 7, 64, 1000] {
      for cut in [0, 1, 3, count / 2, count] where cut <= count {
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        let first = CRC32C(bytes.span.bytes.extracting(0..<cut))
        let second = CRC32C(bytes.span.bytes.extracting(cut..<count))
        #expect(
          CRC32C(joining: first, second, ofByteCount: count - cut) == CRC32C(bytes.span.bytes))
      }
    }
  }
}
