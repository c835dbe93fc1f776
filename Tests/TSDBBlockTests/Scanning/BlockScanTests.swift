internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@Suite struct `Block scan` {
  private func withBlock(_ body: (String) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let id = try #require(BlockID("01HRHZ2KZ8H174NHP7YJ73AGKH"))
      let series = ["a", "b", "c"].map { job in
        TestSeries(
          LabelSet(["__name__": "up", "job": job]), (0..<5).map { ($0 * 1000, Double($0)) })
      }
      try makeBlock(at: "\(directory)/\(id)", id: id, series)
      try body("\(directory)/\(id)")
    }
  }

  /// Writes each of `variants` in place of the file and scans.
  private func scan(
    _ block: String, _ file: String, _ variants: [[UInt8]],
    _ check: (Int, BlockScan) -> Void
  ) throws {
    let url = URL(fileURLWithPath: "\(block)/\(file)")
    let original = try Data(contentsOf: url)
    for (number, bytes) in variants.enumerated() {
      // In place: a mapping of the last scan is gone by now.
      try Data(bytes).write(to: url)
      check(number, BlockScan(directory: block))
    }
    try original.write(to: url)
  }

  @Test(arguments: ["index", "chunks/000001", "tombstones"])
  func `a file cut anywhere is damage`(file: String) throws {
    try withBlock { block in
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(block)/\(file)")))
      let cuts = (0..<bytes.count).map { Array(bytes[..<$0]) }
      try scan(block, file, cuts) { length, scan in
        #expect(scan.isDamaged, "\(length) of \(bytes.count) bytes")
      }
    }
  }

  @Test(arguments: ["index", "chunks/000001", "tombstones"])
  func `a flipped bit is damage unless no reader looks at it`(file: String) throws {
    try withBlock { block in
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(block)/\(file)")))
      let flips = (0..<bytes.count * 8).map { bit in
        var copy = bytes
        copy[bit / 8] ^= 0x80 >> UInt8(bit % 8)
        return copy
      }
      let unread = try unreadBytes(block, file, bytes)
      try scan(block, file, flips) { bit, scan in
        let isFound = scan.isDamaged || unread.contains(bit / 8)
        #expect(isFound, "bit \(bit)")
      }
    }
  }

  /// Bytes that no reader looks at: padding, and the version where another one means the same.
  private func unreadBytes(_ block: String, _ file: String, _ bytes: [UInt8]) throws -> Set<Int> {
    if file == "chunks/000001" { return [5, 6, 7] }
    guard file == "index" else { return [] }
    let sections = BlockScan(directory: block).sections
    let series = try #require(sections.first { $0.name == "series" })
    let postings = try #require(sections.first { $0.name == "postings" })
    let zeros = (series.offset..<postings.offset).filter { bytes[$0] == 0 }
    return Set(zeros + [4])
  }

  @Test func `lost series and times are named`() throws {
    try withBlock { block in
      let url = URL(fileURLWithPath: "\(block)/chunks/000001")
      var bytes = Array(try Data(contentsOf: url))
      bytes[12] ^= 0xFF
      try Data(bytes).write(to: url)
      let scan = BlockScan(directory: block)
      let finding = try #require(scan.findings.first { $0.severity == .error })
      #expect(finding.code.rawValue == "chunk-record")
      #expect(finding.place == "chunks/000001: chunk at offset 8")
      #expect(finding.message.hasSuffix(#"lost: {__name__="up", job="a"} from 0 to 4000"#))
      #expect(scan.contents.samples == 10)
    }
  }

  @Test func `a damaged entry does not hide the series behind it`() throws {
    try withBlock { block in
      let url = URL(fileURLWithPath: "\(block)/index")
      var bytes = Array(try Data(contentsOf: url))
      let series = try #require(
        BlockScan(directory: block).sections.first { $0.name == "series" })
      bytes[(series.offset + 15) / 16 * 16 + 2] ^= 0xFF
      try Data(bytes).write(to: url)
      let scan = BlockScan(directory: block)
      #expect(scan.contents.series == 2)
      #expect(scan.findingCounts.map(\.key.rawValue).contains("series-entry"))
      // Postings that name the lost series are right and not reported.
      #expect(!scan.findingCounts.map(\.key.rawValue).contains("postings-reference"))
    }
  }

  @Test func `offsets behind all bytes are damage`() throws {
    try withBlock { block in
      let url = URL(fileURLWithPath: "\(block)/index")
      let bytes = Array(try Data(contentsOf: url))
      let contents = bytes.count - 52
      var variants: [[UInt8]] = []
      // Each of the six offsets, with symbols that do not say where they end.
      for part in 0..<6 {
        for offset in [UInt64.max, UInt64(Int64.max), UInt64(Int64.max) - 7] {
          var copy = bytes
          copy[5] = 0xFF
          let place = contents + part * 8
          copy.replaceSubrange(
            place..<place + 8,
            with: (0..<8).map { UInt8(truncatingIfNeeded: offset >> (56 - 8 * $0)) })
          variants.append(mended(copy, contents..<bytes.count - 4))
        }
      }
      try scan(block, "index", variants) { number, scan in
        #expect(scan.isDamaged, "variant \(number)")
      }
    }
  }

  @Test func `findings of one kind are counted and not all kept`() throws {
    try withTemporaryDirectory { directory in
      let id = try #require(BlockID("01HRHZ2KZ8H174NHP7YJ73AGKH"))
      let series = (0..<150).map { number in
        TestSeries(LabelSet(["__name__": "up", "n": "\(number)"]), [(1, 1)])
      }
      try makeBlock(at: "\(directory)/\(id)", id: id, series, minTime: 5, maxTime: 9)
      let scan = BlockScan(directory: "\(directory)/\(id)")
      let (code, count) = try #require(scan.findingCounts.first)
      #expect(code.rawValue == "chunk-outside-range")
      #expect(count == 150)
      #expect(scan.findings.count == BlockScan.findingsPerCode)
    }
  }

  @Test func `many damaged entries are found one by one on any number of threads`() throws {
    try withTemporaryDirectory { directory in
      let id = try #require(BlockID("01HRHZ2KZ8H174NHP7YJ73AGKH"))
      let series = (0..<3000).map { number in
        TestSeries(LabelSet(["__name__": "up", "n": "\(10_000 + number)"]), [(1, 1)])
      }
      let block = "\(directory)/\(id)"
      try makeBlock(at: block, id: id, series)
      let path = URL(fileURLWithPath: "\(block)/index")
      var bytes = Array(try Data(contentsOf: path))
      let section = try #require(
        BlockScan(directory: block).sections.first { $0.name == "series" })
      var generator = SeededRandom(seed: 7)
      let start = (section.offset + 15) / 16 * 16
      let damaged = Set((0..<200).map { _ in Int.random(in: 0..<3000, using: &generator) })
      // Of entries of 32 bytes, a byte of the checksum or of what it covers.
      let size = (section.offset + section.length - start + 15) / 16 * 16 / 3000
      for entry in damaged { bytes[start + entry * size + 3] ^= 0x40 }
      try Data(bytes).write(to: path)
      for threads in [1, 3] {
        let scan = BlockScan(directory: block, threads: threads)
        #expect(scan.contents.series == 3000 - damaged.count)
        #expect(scan.findingCounts.map(\.key.rawValue).contains("series-order") == false)
      }
    }
  }

  @Test func `a record that two chunks claim is found wherever they stand`() throws {
    try withTemporaryDirectory { directory in
      let id = try #require(BlockID("01HRHZ2KZ8H174NHP7YJ73AGKH"))
      let series = ["a", "b", "c", "d"].map { job in
        TestSeries(
          LabelSet(["__name__": "up", "job": job]), (0..<5).map { ($0 * 1000, Double($0)) })
      }
      let block = "\(directory)/\(id)"
      try makeBlock(at: block, id: id, series)
      let path = URL(fileURLWithPath: "\(block)/index")
      var bytes = Array(try Data(contentsOf: path))
      let places = BlockScan(directory: block).sections
      let section = try #require(places.first { $0.name == "series" })
      // The last series gets the location of the one before it.
      let entries = stride(
        from: (section.offset + 15) / 16 * 16, to: section.offset + section.length, by: 16
      ).filter { bytes[$0] > 4 && bytes[$0] < 40 && bytes[$0 + 1] == 2 }
      let (third, last) = (try #require(entries.dropLast().last), try #require(entries.last))
      let (from, to) = (third + Int(bytes[third]), last + Int(bytes[last]))
      #expect(bytes[from] != bytes[to])
      bytes[to] = bytes[from]
      let body = last + 1..<last + 1 + Int(bytes[last])
      bytes.replaceSubrange(
        body.lowerBound..<body.upperBound + 4,
        with: mended(
          Array(bytes[body]) + [0, 0, 0, 0], 0..<body.count))
      try Data(bytes).write(to: path)
      let scan = BlockScan(directory: block)
      #expect(scan.findings.map(\.code.rawValue).contains("chunk-shared"), "\(scan.findings)")
    }
  }
}
