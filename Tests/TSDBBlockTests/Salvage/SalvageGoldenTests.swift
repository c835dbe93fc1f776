import TestSupport
import Testing

@testable import TSDBBlock

/// Damaged blocks with what can be proven of them, and what may be found beyond that.
@Suite struct SalvageGoldenTests {
  @Test func `what is proven of a damaged block is saved and nothing untrue is added`() throws {
    try forEachCase { name, block, golden in
      try withMemoryDirectory { directory in
        var salvage = BlockSalvage(directory: block)
        salvage.keepsOutsideSamples = true
        let report = try #require(try salvage.write(to: directory + "/new", id: Self.id))
        let saved = try SavedBlock(directory + "/new", report)
        try saved.check(name, golden)
        #expect(report.isBalanced && report.outsideSamples == 0, "\(name)")
        let lost = golden["lost"].array ?? []
        let base = try #require(golden["salvageable"]["base_samples"].int)
        if report.lost.isNothing {
          #expect(lost.isEmpty || report.written.samples >= base, "\(name) does not tell a loss")
        } else if report.stated != nil {
          // Without meta.json nobody knows what a file that was cut did not lose.
          #expect(!lost.isEmpty, "\(name) tells a loss: \(report.lost)")
        }
      }
    }
  }

  @Test func `samples outside the range are left out where the range can be right`() throws {
    var cut = 0
    try forEachCase { name, block, golden in
      let outside = (golden["outside_range"].array ?? []).compactMap { $0["samples"].int }
      guard !outside.isEmpty else { return }
      try withMemoryDirectory { directory in
        var salvage = BlockSalvage(directory: block)
        let report = try #require(try salvage.write(to: directory + "/cut", id: Self.id))
        salvage.keepsOutsideSamples = true
        let whole = try #require(try salvage.write(to: directory + "/whole", id: Self.id))
        let left = try SavedBlock(directory + "/cut", report)
        let all = try SavedBlock(directory + "/whole", whole)
        #expect(left.findings.isEmpty && report.isBalanced, "\(name) \(left.findings)")
        guard report.outsideSamples > 0 else {
          #expect(left.texts == all.texts, "\(name)")
          return
        }
        cut += 1
        #expect(report.outsideSamples == outside.reduce(0, +), "\(name)")
        let meta = try BlockReader.readMeta(block)
        let inside = all.lines.mapValues { lines in
          lines.filter { meta.minTime..<meta.maxTime ~= $0.time }.map(\.line)
        }
        #expect(left.texts == inside.filter { !$0.value.isEmpty }, "\(name)")
        #expect(report.meta?.minTime == meta.minTime && report.meta?.maxTime == meta.maxTime)
      }
    }
    #expect(cut > 0)
  }

  @Test func `an examination finds what a salvage writes and touches nothing`() throws {
    try forEachCase { name, block, golden in
      guard name.utf8.reduce(0, { $0 + Int($1) }) % 8 == 0 else { return }
      try withMemoryDirectory { directory in
        let salvage = BlockSalvage(directory: block)
        let examined = try #require(try salvage.examine())
        let written = try #require(try salvage.write(to: directory + "/new", id: Self.id))
        #expect(examined.written == written.written, "\(name)")
        #expect(examined.fingerprint == written.fingerprint, "\(name)")
        #expect(examined.losses == written.losses, "\(name)")
        #expect(examined.meta == nil)
      }
    }
  }

  @Test func `a healthy block comes out as it was`() throws {
    let root = try Golden.unpacked("format/blocks.tar.gz")
    for golden in try Golden.jsonLines("format/blocks.jsonl") {
      let name = try #require(golden["name"].string)
      let block = root + "/" + (try #require(golden["path"].string))
      try withMemoryDirectory { directory in
        let report = try #require(
          try BlockSalvage(directory: block).write(to: directory + "/new", id: Self.id))
        #expect(report.isComplete && report.isBalanced, "\(name) \(report.losses)")
        #expect(report.repairs.isEmpty, "\(name) \(report.repairs)")
        #expect(report.duplicateSamples + report.conflictingSamples + report.outsideSamples == 0)
        let old = try BlockReader(directory: block)
        let new = try BlockReader(directory: directory + "/new")
        #expect(new.meta.minTime == old.meta.minTime && new.meta.maxTime == old.meta.maxTime)
        #expect(new.meta.compaction.parents.map(\.id) == [old.meta.id])
        #expect(new.tombstones.count == old.tombstones.count)
        #expect(BlockScan(directory: directory + "/new").isDamaged == false, "\(name)")
        // Labels are sorted where they were not, and those with empty values are left out.
        let codes = BlockScan(directory: block).findingCounts.keys.map(\.rawValue)
        let isSorted = codes.allSatisfy { !$0.hasPrefix("labels-") }
        guard isSorted else { return }
        let expected = try #require(try BlockVerification.read(directory: block))
        let found = try #require(try BlockVerification.read(directory: directory + "/new"))
        #expect(found.fingerprint == expected.fingerprint, "\(name)")
        #expect(found.fingerprint == report.fingerprint, "\(name)")
      }
    }
  }

  private static let id = BlockID("01HRHZ2KZ8H174NHP7YJ73AGKH") ?? .zero

  private func forEachCase(
    _ body: (_ name: String, _ block: String, _ golden: JSONValue) throws -> Void
  ) throws {
    let root = try Golden.unpacked("format/corrupt.tar.gz")
    for golden in try Golden.jsonLines("format/corrupt.jsonl") {
      try body(
        try #require(golden["id"].string), root + "/" + (try #require(golden["block"].string)),
        golden)
    }
  }
}

/// What a salvage wrote, as lines of the golden files.
private struct SavedBlock {
  typealias Line = (time: Int64, line: String)

  let report: SalvageReport
  var lines: [LabelSet: [Line]] = [:]
  var findings: [BlockScan.Finding] = []
  var texts: [LabelSet: [String]] { lines.mapValues { $0.map(\.line) } }

  init(_ directory: String, _ report: SalvageReport) throws {
    self.report = report
    guard report.meta != nil else { return }
    findings = BlockScan(directory: directory).findings.filter { $0.severity == .error }
    let verification = try #require(try BlockVerification.read(directory: directory))
    #expect(verification.fingerprint == report.fingerprint)
    let block = try BlockReader(directory: directory)
    var series = try block.series(includesDeleted: true)
    var columns = ChunkColumns()
    while try series.next() { lines[series.labels] = try SeriesLines(series, &columns).lines }
  }

  /// Compares with what is proven and with what is true beyond that.
  func check(_ name: String, _ golden: JSONValue) throws {
    // A chunk of the wrong kind for a downsampled block is saved as it is.
    let isOdd = report.meta?.resolution ?? 0 > 0
    let codes = findings.map(\.code.rawValue)
      .filter { !isOdd || !["chunk-encoding", "aggregate-incomplete"].contains($0) }
    #expect(codes == [], "\(name) \(findings)")
    var left = lines
    for series in golden["salvageable"]["series"].array ?? [] {
      let labels = LabelSet(try goldenLabels(series["labels"]))
      for range in series["ranges"].array ?? [] {
        let found = take(try #require(times(range)), labels, from: &left)
        #expect(fingerprint(found) == range["fnv64"].string, "\(name) \(labels) \(range)")
      }
    }
    for item in golden["extra"].array ?? [] {
      guard let times = times(item) else { continue }
      let labels = LabelSet(try goldenLabels(item["labels"]))
      let found = left[labels, default: []].filter { times.contains($0.time) }
      // Of several values for one time each is an item of its own.
      guard !found.isEmpty, fingerprint(found) == item["fnv64"].string else { continue }
      _ = take(times, labels, from: &left)
    }
    let surplus = left.filter { !$0.value.isEmpty }
    #expect(surplus.isEmpty, "\(name) has samples that nobody proved: \(surplus)")
  }

  private func take(
    _ times: ClosedRange<Int64>, _ labels: LabelSet, from left: inout [LabelSet: [Line]]
  ) -> [Line] {
    let found = left[labels, default: []].filter { times.contains($0.time) }
    left[labels]?.removeAll { times.contains($0.time) }
    return found
  }

  private func fingerprint(_ lines: [Line]) -> String {
    var hash = FNV64()
    for line in lines { hash.update(line.line.utf8) }
    return hash.hex
  }

  private func times(_ value: JSONValue) -> ClosedRange<Int64>? {
    guard let first = value["mint"].int64, let last = value["maxt"].int64, first <= last else {
      return nil
    }
    return first...last
  }
}
