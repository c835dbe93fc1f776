internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand
@testable internal import TSDBBlock

@Suite struct `Inspect map, place and chunks` {
  /// The regions of a file, which must cover it without gaps.
  private func regions(_ file: MappedFile) throws -> [ByteRegion] {
    var regions: [ByteRegion] = []
    var position = 0
    try file.forEachRegion(nil) { region in
      #expect(region.range.lowerBound == position, "\(file.name) \(region)")
      #expect(!region.range.isEmpty || file.file.count == 0, "\(file.name) \(region)")
      position = region.range.upperBound
      regions.append(region)
      return true
    }
    #expect(position == file.file.count, "\(file.name)")
    return regions
  }

  private func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  @Test func `every byte of a healthy block has a meaning`() throws {
    let root = try Golden.unpacked("format/blocks.tar.gz")
    for block in try Golden.jsonLines("format/blocks.jsonl") {
      let path = root + "/" + (try #require(block["path"].string))
      let contents = BlockScan(directory: path).contents
      var counts: [ByteRegion.Kind: Int] = [:]
      for file in try MappedFile.all(path) {
        for region in try regions(file) {
          counts[region.kind, default: 0] += 1
          #expect(region.damage == nil, "\(path) \(file.name) \(region)")
        }
      }
      #expect(counts[.symbol] ?? 0 == contents.symbols, "\(path)")
      #expect(counts[.series] ?? 0 == contents.series, "\(path)")
      #expect(counts[.postings] ?? 0 == contents.postingsLists, "\(path)")
      #expect(counts[.tombstone] ?? 0 == contents.tombstones, "\(path)")
      #expect(counts[.chunk] ?? 0 >= contents.chunks, "\(path)")
      #expect(counts[.unknown] == nil, "\(path)")
    }
  }

  @Test func `a damaged block is mapped to its end`() throws {
    let root = try Golden.unpacked("format/corrupt.tar.gz")
    for block in try Golden.jsonLines("format/corrupt.jsonl") {
      let path = root + "/" + (try #require(block["block"].string))
      for name in ["index", "tombstones"] + MappedFile.segments(in: path).map({ "chunks/" + $0 }) {
        guard fileByteCount("\(path)/\(name)") != nil else { continue }
        _ = try regions(
          MappedFile("\(path)/\(name)", named: name, expected: MappedFile.expected(name)))
      }
      _ = ToolRun("inspect", path, "--map")
    }
  }

  private func withBlock(_ body: (String) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let model: BlockModel = [
        LabelSet(["__name__": "up", "job": "api"]): [
          1000: 1.5.bitPattern, 2000: 2.5.bitPattern, 3000: 3.5.bitPattern,
        ],
        LabelSet(["__name__": "up", "job": "db"]): [1000: 0],
      ]
      _ = try model.write(to: directory + "/a", 0..<5000, samplesPerChunk: 2)
      try body(directory + "/a")
    }
  }

  @Test func `random damage is mapped to the end and told`() throws {
    try withBlock { block in
      var random = SeededRandom(seed: 11)
      for name in ["index", "chunks/000001", "tombstones"] {
        let sound = try bytes("\(block)/\(name)")
        for _ in 0..<150 {
          var copy = sound
          for _ in 0..<Int.random(in: 1...4, using: &random) {
            copy[Int.random(in: 0..<copy.count, using: &random)] = UInt8.random(
              in: 0...255, using: &random)
          }
          if Int.random(in: 0..<3, using: &random) == 0 {
            copy.removeLast(Int.random(in: 0..<copy.count, using: &random))
          }
          try Data(copy).write(to: URL(fileURLWithPath: "\(block)/\(name)"))
          let file = try MappedFile(
            "\(block)/\(name)", named: name, expected: MappedFile.expected(name))
          for region in try regions(file) {
            let place = Int.random(
              in: region.range.lowerBound...region.range.upperBound, using: &random)
            let fields = file.fields(of: region, around: place)
            #expect(fields.map(\.range.count).reduce(0, +) == region.range.count)
          }
          _ = ToolRun("inspect", block, "--chunks", "up", "--samples")
        }
        try Data(sound).write(to: URL(fileURLWithPath: "\(block)/\(name)"))
      }
    }
  }

  /// Bytes made to be read again and again: each must be looked at a few times at most.
  @Test func `hostile files take no longer than others`() throws {
    let megabyte = 1 << 20
    try withBlock { block in
      func map(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(block)/\(name)"))
        let file = try MappedFile(
          "\(block)/\(name)", named: name, expected: MappedFile.expected(name))
        _ = try regions(file)
      }
      let segment = Array(try bytes(block + "/chunks/000001")[..<8])
      try map("chunks/000001", segment + [UInt8](repeating: 0, count: megabyte) + [1])
      let index = Array(try bytes(block + "/index")[..<5])
      // Entries that each claim half of what follows, and lists that claim all of it.
      var entries: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]
      while entries.count < megabyte / 4 {
        let left = megabyte / 4 - entries.count
        entries += [0x80 | UInt8(left & 0x7F), 0x80 | UInt8(left >> 7 & 0x7F), 2, 1]
        entries += [UInt8](repeating: 1, count: 12)
      }
      try map("index", index + entries)
      for size in [0, 1, 4, 5, 8, 9, 52, 57] {
        try map("index", Array((index + entries).prefix(size)))
        try map("tombstones", [UInt8](repeating: 0xFF, count: size))
        try map("chunks/000001", [UInt8](repeating: 0xFF, count: size))
      }
    }
  }

  @Test func `what the table of contents covers is found without it`() throws {
    try withBlock { block in
      let sound = try bytes(block + "/index")
      let expected = try regions(
        MappedFile(block + "/index", named: "index", expected: .index))
      try Data(sound.dropLast(2) + [0, 0]).write(to: URL(fileURLWithPath: block + "/index"))
      let found = try regions(MappedFile(block + "/index", named: "index", expected: .index))
      #expect(found.map(\.range) == expected.map(\.range))
      #expect(found.map(\.kind) == expected.map(\.kind))
      #expect(found.filter { $0.damage != nil }.map(\.kind) == [.tableOfContents])
    }
  }

  @Test func `a map names what stands where and where it is damaged`() throws {
    try withBlock { block in
      let run = ToolRun("inspect", block, "--map")
      #expect(run.status == .clean)
      #expect(run.lines.first == "index")
      #expect(run.lines.contains("           0         5  magic and version"))
      #expect(run.lines.contains { $0.hasSuffix(#"  postings of job="db", 1 series"#) })
      #expect(run.lines.contains { $0.hasSuffix("  postings of all series, 2 series") })
      #expect(
        run.lines.contains {
          $0.hasSuffix(#"  chunk XOR, 2 samples, 1000 to 2000 of {__name__="up", job="api"}"#)
        })
      var copy = try bytes(block + "/chunks/000001")
      copy[20] ^= 1
      try Data(copy).write(to: URL(fileURLWithPath: block + "/chunks/000001"))
      let damaged = ToolRun("inspect", block, "--map", "--output", "json")
      #expect(damaged.status == .damaged)
      let lines = try damaged.lines.map { try JSONValue(parsing: Array($0.utf8)) }
      let told = lines.filter { !$0["damage"].isNull }
      #expect(told.count == 1)
      #expect(told.first?["offset"].int == 8)
      #expect(told.first?["kind"].string == "chunk")
    }
  }

  @Test func `every place of a block is explained`() throws {
    try withBlock { block in
      for name in ["index", "chunks/000001", "tombstones"] {
        for offset in 0..<(try bytes("\(block)/\(name)")).count {
          let run = ToolRun("inspect", block, "--at", "\(name):\(offset)", "--output", "json")
          #expect(run.status == .clean)
          let json = try JSONValue(parsing: Array(run.output.utf8))
          let fields = try #require(json["fields"].array)
          #expect(
            fields.contains {
              let start = $0["offset"].int ?? 0
              return start..<start + ($0["length"].int ?? 0) ~= offset
            }, "\(name) \(offset)")
        }
      }
      let run = ToolRun("inspect", block, "--at", "chunks/000001:9")
      #expect(run.lines[0].hasPrefix("chunks/000001 at offset 9: chunk XOR, 2 samples, 1000 to "))
      #expect(run.lines.contains { $0.hasPrefix(">       9  01 ") && $0.hasSuffix("1 XOR") })
      let alone = ToolRun("inspect", block + "/chunks/000001", "--at", "0x9")
      #expect(alone.lines.dropFirst() == run.lines.dropFirst())
      for wrong in ["9", "index:x", "index:99999", "nothing:1", "index:-1"] {
        #expect(ToolRun("inspect", block, "--at", wrong).status == .failed, "\(wrong)")
      }
    }
  }

  @Test func `chunks are listed with their state, and samples on request`() throws {
    try withBlock { block in
      let run = ToolRun("inspect", block, "--chunks", #"up{job="api"}"#)
      #expect(run.status == .clean)
      #expect(run.lines.count == 4)
      #expect(run.lines[2].hasSuffix("1970-01-01T00:00:01Z  1970-01-01T00:00:02Z  ok"))
      let samples = ToolRun("inspect", block, "--chunks", #"up{job="api"}"#, "--samples")
      #expect(samples.lines.contains { $0.hasSuffix("400c000000000000  3.5") })
      let json = try JSONValue(
        parsing: Array(
          ToolRun(
            "inspect", block, "--chunks", #"up{job="api"}"#, "--samples", "--output", "json"
          ).output.utf8))
      #expect(json["chunks"][1]["parts"][0]["samples"][0]["value"].string == "3.5")
      #expect(ToolRun("inspect", block, "--chunks", "{").status == .failed)
      #expect(ToolRun("inspect", block, "--samples").status == .failed)
      #expect(ToolRun("inspect", block, "--map", "--chunks", "up").status == .failed)
      var copy = try bytes(block + "/chunks/000001")
      copy[20] ^= 1
      try Data(copy).write(to: URL(fileURLWithPath: block + "/chunks/000001"))
      let damaged = ToolRun("inspect", block, "--chunks", "up")
      #expect(damaged.status == .damaged)
      #expect(damaged.output.contains("has a wrong checksum"))
    }
  }
}
