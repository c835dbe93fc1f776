import TestSupport
import Testing

@testable import TSDBBlock

@Suite struct SalvagePartsTests {
  @Test(arguments: [0, 1, 2, 3, 17, 100])
  func `series in any order come out sorted, equal ones in the order they came`(count: Int) throws {
    var random = SeededRandom(seed: UInt64(count))
    var labels: [Int: [LabelReference]] = [:]
    var order = SeriesOrder()
    var places: [SeriesHunt.Place] = []
    for number in 0..<count {
      let value = UInt32.random(in: 0..<40, using: &random)
      let place = try #require(SeriesHunt.Place(number * 100..<number * 100 + 7))
      labels[number * 100] = [LabelReference(name: 1, value: value)]
      places.append(place)
      order.append(place, labels[number * 100] ?? [])
    }
    order.sort { place, read in read = labels[place.body.lowerBound] ?? [] }
    let expected = places.map(\.body.lowerBound).sorted { left, right in
      let (l, r) = (labels[left]?[0].value ?? 0, labels[right]?[0].value ?? 0)
      return l != r ? l < r : left < right
    }
    #expect(order.places.map(\.body.lowerBound) == expected)
  }

  @Test func `a place keeps position and length up to the largest index`() throws {
    for body in [5..<6, 1 << 36 - 300..<1 << 36 - 1, 70..<70 + 1 << 28 - 1] {
      #expect(SeriesHunt.Place(body)?.body == body)
    }
    #expect(SeriesHunt.Place(1 << 36..<1 << 36 + 9) == nil)
    #expect(SeriesHunt.Place(0..<1 << 28) == nil)
    for length in [0, 1, 127, 128, 16383, 16384, 1 << 21, 1 << 28 - 1] {
      var bytes: [UInt8] = []
      bytes.append(uvarint: UInt64(length))
      #expect(SeriesHunt.byteCount(ofLength: length) == bytes.count)
    }
  }

  @Test func `the next claim is the next record, and places claimed twice are told`() {
    var claims = ChunkClaims(segmentLimit: 3)
    func span(_ segment: Int, _ offset: Int) -> ChunkSpan {
      ChunkSpan(
        minTime: 0, maxTime: 1, location: ChunkLocation(segment: segment, offset: offset))
    }
    claims.add([span(0, 8), span(0, 300), span(2, 8), span(7, 8)])
    claims.add([span(0, 100), span(0, 300)] + (1...2000).map { span(1, $0 * 10) })
    #expect(claims.finish() == [ChunkLocation(segment: 0, offset: 300)])
    #expect(claims.segmentNumbers == [0, 1, 2])
    #expect(claims.next(behind: ChunkLocation(segment: 0, offset: 8)) == 100)
    #expect(claims.next(behind: ChunkLocation(segment: 0, offset: 100)) == 300)
    #expect(claims.next(behind: ChunkLocation(segment: 0, offset: 300)) == nil)
    #expect(claims.next(behind: ChunkLocation(segment: 7, offset: 0)) == nil)
    #expect(claims.sample(ofSegment: 0).count == 4)
    #expect(100...256 ~= claims.sample(ofSegment: 1).count)
  }

  @Test func `a moved entry does not get the labels of the series whose place it has`() throws {
    try withMemoryDirectory { directory in
      let id = try #require(BlockID("01HRHZ2KZ8H174NHP7YJ73AGKH"))
      let block = "\(directory)/\(id)"
      try makeBlock(at: block, id: id, numbered(20))
      let before = try BlockModel(reading: BlockReader(directory: block))
      let index = try BlockReader(directory: block).index
      let ids = try index.allPostings()
      let whole = try readFile(block + "/index")
      var saved = 0
      for (left, right) in [(0, 1), (3, 9), (0, 19), (18, 19), (10, 11)] {
        var bytes = whole
        bytes[15] ^= 1
        let (from, to) = (index.seriesOffset(ids[left]), index.seriesOffset(ids[right]))
        for byte in 0..<Int(ids[1] - ids[0]) * 16 - 1 { bytes.swapAt(from + byte, to + byte) }
        try writeFile(bytes, to: block + "/index")
        let new = "\(directory)/\(left)-\(right)"
        let report = try #require(try BlockSalvage(directory: block).write(to: new, id: id))
        #expect(!report.isComplete)
        for (labels, samples) in try BlockModel(reading: BlockReader(directory: new)) {
          #expect(samples == before[labels], "\(left) \(right) \(labels)")
          saved += 1
        }
      }
      #expect(saved >= 5 * 14)
    }
  }

  private func numbered(_ count: Int) -> [TestSeries] {
    (0..<count).map { number in
      TestSeries(
        LabelSet(["__name__": "up", "job": "j\(number % 4)", "n": "\(number + 10)"]),
        (0..<9).map { ($0 * 1000 + Int64(number), Double($0)) })
    }
  }

  /// Symbols, table of contents and the other version byte: what is left says enough.
  @Test func `labels come back from postings that nothing leads to`() throws {
    try withMemoryDirectory { directory in
      let id = try #require(BlockID("01HRHZ2KZ8H174NHP7YJ73AGKH"))
      let block = "\(directory)/\(id)"
      try makeBlock(at: block, id: id, numbered(20))
      let before = try BlockModel(reading: BlockReader(directory: block))
      var bytes = try readFile(block + "/index")
      bytes[4] = 1
      bytes[15] ^= 1
      bytes[bytes.count - 1] ^= 1
      try writeFile(bytes, to: block + "/index")
      let report = try #require(
        try BlockSalvage(directory: block).write(to: directory + "/new", id: id))
      #expect(report.isComplete, "\(report.lost) \(report.lossCounts)")
      #expect(report.repairs.count == 3, "\(report.repairs)")
      #expect(try BlockModel(reading: BlockReader(directory: directory + "/new")) == before)
    }
  }
}

private func writeFile(_ bytes: [UInt8], to path: String) throws {
  FileSystem.removeTree(path)
  try FileSystem.append(bytes, to: path)
}
