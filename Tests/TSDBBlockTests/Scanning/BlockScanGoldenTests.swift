internal import TSDBBlock
internal import TestSupport
internal import Testing

@Suite struct `Block scan Golden` {
  @Test func `a healthy block has no damage and the contents its writer counted`() throws {
    let root = try Golden.unpacked("format/blocks.tar.gz")
    for block in try Golden.jsonLines("format/blocks.jsonl") {
      let name = try #require(block["name"].string)
      let scan = BlockScan(directory: root + "/" + (try #require(block["path"].string)))
      let errors = scan.findings.filter { $0.severity == .error }
      let onlyOdd = GoldenCoverage.healthyBlocksWithFindings[name]
      #expect(
        errors.allSatisfy { onlyOdd?.contains($0.code.rawValue) == true }, "\(name) \(errors)")
      #expect(scan.contents.series == block["totals"]["series"].int)
      #expect(scan.contents.chunks == block["totals"]["chunks"].int)
      #expect(scan.contents.samples == block["totals"]["samples"].int, "\(name)")
      #expect(scan.contents.minTime == block["totals"]["chunk_min_time"].int64)
      #expect(scan.contents.maxTime == block["totals"]["chunk_max_time"].int64)
      #expect(scan.contents.symbols == block["index"]["symbols"].int)
      #expect(scan.contents.postingsLists == block["index"]["postings_lists"].int)
      for encoding in scan.contents.encodings {
        let key = String(encoding.encoding.rawValue)
        #expect(encoding.chunks == block["totals"]["chunks_by_encoding"][key].int)
        #expect(encoding.samples == block["totals"]["samples_by_encoding"][key].int)
      }
    }
  }

  @Test func `sections are found where they stand`() throws {
    let names = [
      "symbols": "symbols", "series": "series", "postings": "postings",
      "postings_offset_table": "postings offset table", "toc": "table of contents",
    ]
    let root = try Golden.unpacked("format/blocks.tar.gz")
    for block in try Golden.jsonLines("format/blocks.jsonl") {
      let scan = BlockScan(directory: root + "/" + (try #require(block["path"].string)))
      for expected in try #require(block["index"]["sections"].array) {
        guard let name = expected["name"].string.flatMap({ names[$0] }) else { continue }
        let section = try #require(scan.sections.first { $0.name == name })
        // The first list stands behind its padding, which the golden counts as a part of it.
        let offset = name == "postings" ? expected["first"].int : expected["offset"].int
        #expect(section.offset == offset, "\(block["name"]) \(name)")
        #expect(section.entries == expected["entries"].int, "\(block["name"]) \(name)")
        #expect(section.state == .ok)
      }
    }
  }

  @Test func `every damage is found and nothing healthy is called damaged`() throws {
    let root = try Golden.unpacked("format/corrupt.tar.gz")
    for block in try Golden.jsonLines("format/corrupt.jsonl") {
      let name = try #require(block["id"].string)
      let scan = BlockScan(directory: root + "/" + (try #require(block["block"].string)))
      switch block["severity"].string {
      case "error":
        #expect(scan.isDamaged, "\(name)")
      case "warning":
        #expect(!scan.isDamaged, "\(name) \(scan.findings)")
      default:
        #expect(scan.findings.isEmpty, "\(name) \(scan.findings)")
      }
    }
  }

  @Test func `what is found does not depend on how many threads look`() throws {
    let root = try Golden.unpacked("format/corrupt.tar.gz")
    for block in try Golden.jsonLines("format/corrupt.jsonl") {
      let name = try #require(block["id"].string)
      let path = root + "/" + (try #require(block["block"].string))
      let (one, four) = (BlockScan(directory: path), BlockScan(directory: path, threads: 4))
      #expect(one.findings == four.findings, "\(name)")
      #expect(one.findingCounts == four.findingCounts, "\(name)")
      #expect(one.contents == four.contents, "\(name)")
      #expect(one.sections == four.sections, "\(name)")
      #expect(one.cardinality == four.cardinality, "\(name)")
    }
  }

  @Test func `a scan of checksums finds nothing that a scan of samples does not`() throws {
    let root = try Golden.unpacked("format/corrupt.tar.gz")
    var missed = 0
    for block in try Golden.jsonLines("format/corrupt.jsonl") {
      let path = root + "/" + (try #require(block["block"].string))
      let deep = BlockScan(directory: path)
      let shallow = BlockScan(directory: path, depth: .checksums)
      #expect(shallow.contents.series == deep.contents.series)
      #expect(shallow.contents.chunks == deep.contents.chunks)
      for (code, count) in shallow.findingCounts {
        // Statistics are compared where nothing else is damaged.
        guard code.rawValue != "meta-stats" else { continue }
        #expect(count <= deep.findingCounts[code] ?? 0, "\(path) \(code)")
      }
      if deep.isDamaged, !shallow.isDamaged { missed += 1 }
    }
    #expect(missed > 0)
  }
}
