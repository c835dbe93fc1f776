internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

@Suite struct `Salvage and verify` {
  private static let start: Int64 = 1_709_294_400_000
  private static let isPromtoolInstalled =
    (try? runProcess("promtool", ["--version"]))?.status == 0

  /// A block of 3 series with 240 samples each, two chunks.
  private func withBlock(
    hours: Int64 = 0, _ body: (_ block: String, _ directory: String) throws -> Void
  ) throws {
    try withTemporaryDirectory { directory in
      let id = BlockID.make(now: Self.start)
      try makeBlock(id, at: "\(directory)/data/\(id)")
      try body("\(directory)/data/\(id)", directory)
    }
  }

  private func makeBlock(
    _ id: BlockID, at path: String, from start: Int64 = start,
    _ change: (inout BlockMeta) -> Void = { _ in }
  ) throws {
    try FileSystem.makeDirectories(String(path.dropLast(27)))
    let series = ["api", "db", "web"].map { job in
      TestSeries(
        LabelSet(["__name__": "up", "job": job]),
        (0..<240).map { (start + $0 * 15_000, Double($0) / 2) })
    }
    try TestSupport.makeBlock(at: path, id: id, series, change: change)
  }

  private func change(_ path: String, _ body: (inout [UInt8]) -> Void) throws {
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    body(&bytes)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  private func json(_ run: ToolRun) throws -> JSONValue {
    try JSONValue(parsing: Array(run.output.utf8))
  }

  // MARK: Salvage

  @Test func `a block without a table of contents is saved whole`() throws {
    try withBlock { block, directory in
      try change(block + "/index") { $0.removeLast(20) }
      let run = ToolRun("salvage", block, "-o", directory + "/out", "--output", "json")
      #expect(run.status == .clean, "\(run.remarks)")
      let answer = try json(run)
      #expect(answer["isComplete"].bool == true)
      #expect(answer["written"]["samples"].int == 720)
      #expect(answer["losses"].array?.isEmpty == true)
      let new = try #require(answer["output"].string)
      #expect(ToolRun("inspect", new).status == .clean)
      #expect(ToolRun("dump", new).lines.count == 720)
      let parents = try BlockReader(directory: new).meta.compaction.parents.map(\.id.description)
      #expect(parents == [answer["source"].string])
    }
  }

  @Test func `a lost chunk is named with series, times and samples`() throws {
    try withBlock { block, directory in
      try change(block + "/chunks/000001") { $0[20] ^= 1 }
      let before = try Data(contentsOf: URL(fileURLWithPath: block + "/chunks/000001"))
      let run = ToolRun("salvage", block, "-o", directory + "/out")
      #expect(run.status == .damaged)
      let sentence =
        "1 series loses 120 samples between 2024-03-01T12:00:00Z and 2024-03-01T12:29:45Z"
      #expect(run.output.contains(sentence))
      #expect(run.output.contains("chunk-damaged"))
      #expect(run.output.contains(#"chunks/000001 at 8  {__name__="up", job="api"}"#))
      let names = try namesInDirectory(directory + "/out")
      #expect(names.count == 1)
      #expect(ToolRun("dump", "\(directory)/out/\(names[0])").lines.count == 600)
      #expect(try Data(contentsOf: URL(fileURLWithPath: block + "/chunks/000001")) == before)
      let dry = try json(ToolRun("salvage", block, "--dry-run", "--output", "json"))
      #expect(dry["output"].isNull)
      #expect(dry["lost"]["samples"].int == 120)
      #expect(dry["losses"][0]["reason"].string == "chunk-damaged")
      #expect(dry["losses"][0]["labels"]["job"].string == "api")
    }
  }

  @Test func `where nothing can be saved nothing is written`() throws {
    try withBlock { block, directory in
      try FileManager.default.removeItem(atPath: block + "/index")
      let run = ToolRun("salvage", block, "-o", directory + "/out")
      #expect(run.status == .damaged)
      #expect(run.output.contains("nothing can be saved"))
      #expect(run.output.contains("3 series are lost"))
      #expect(try namesInDirectory(directory + "/out").isEmpty)
    }
  }

  @Test func `a salvage into its own input or without a place is refused`() throws {
    try withBlock { block, directory in
      for arguments in [
        ["salvage", block], ["salvage", block, "-o", block],
        ["salvage", block, "-o", block + "/x"],
        ["salvage", directory, "-o", directory + "/out"],
        ["salvage", block, "-o", "x", "--dry-run"],
        ["verify"], ["verify", directory + "/none"],
      ] {
        let run = ToolRun(arguments)
        #expect(run.status == .failed, "\(arguments)")
        #expect(run.output.isEmpty && run.remarks.count == 1, "\(arguments)")
      }
      let names = try namesInDirectory(block)
      #expect(names == ["chunks", "index", "meta.json", "tombstones"])
    }
  }

  @Test(.enabled(if: isPromtoolInstalled))
  func `promtool reads the saved block and dumps its samples`() throws {
    try withBlock { block, directory in
      try change(block + "/chunks/000001") { $0[20] ^= 1 }
      try change(block + "/index") { bytes in
        bytes.removeLast(60)
        bytes[4] = 9
      }
      try change(block + "/meta.json") { $0.removeAll() }
      let db = directory + "/db"
      #expect(ToolRun("salvage", block, "-o", db).status == .damaged)
      let new = "\(db)/\(try namesInDirectory(db)[0])"
      try FileManager.default.createDirectory(
        atPath: db + "/wal", withIntermediateDirectories: true)
      let analyze = try runProcess("promtool", ["tsdb", "analyze", db])
      #expect(analyze.status == 0, "\(analyze.errorText)")
      let text = try runProcess("promtool", ["tsdb", "dump", db]).requireSuccess().outputText
      let theirs = text.split(separator: "\n").map(String.init).sorted()
      #expect(theirs.count == 600)
      #expect(theirs == ToolRun("dump", new).lines.sorted())
    }
  }

  // MARK: Verify

  @Test func `verify of healthy blocks is clean`() throws {
    try withBlock { block, directory in
      let run = ToolRun("verify", directory)
      #expect(run.status == .clean)
      #expect(
        run.lines == [
          "ok       \(block)  3 series, 720 samples",
          "1 block, none damaged; 3 series and 720 samples read",
        ])
      #expect(
        ToolRun("verify", block, "--quiet").lines == [
          "1 block, none damaged; 3 series and 720 samples read"
        ])
    }
  }

  @Test func `verify says what a damage means`() throws {
    try withBlock { block, directory in
      try change(block + "/chunks/000001") { $0[20] ^= 1 }
      let run = ToolRun("verify", directory)
      #expect(run.status == .damaged)
      #expect(
        run.lines.contains { $0.hasPrefix("  1 series loses 120 samples between 2024-03-01") })
      #expect(run.output.contains("error chunk-record chunks/000001: chunk at offset 8"))
      let answer = try json(ToolRun("verify", directory, "--output", "json"))
      #expect(answer["isDamaged"].bool == true)
      let found = answer["blocks"][0]
      #expect(found["lost"]["samples"].int == 120)
      let finding = try #require(
        found["findings"].array?.first { $0["code"].string == "chunk-record" })
      #expect(finding["severity"].string == "error")
      #expect(finding["offset"].int == 8)
      #expect(finding["consequence"].string?.contains("samples are lost") == true)
    }
  }

  @Test func `verify compares the blocks of a directory with each other`() throws {
    try withBlock { block, directory in
      let (whole, beside) = (BlockID.make(now: 1), BlockID.make(now: 2))
      let old = try #require(BlockID(block.suffix(26)))
      try makeBlock(whole, at: "\(directory)/data/\(whole)") {
        $0.compaction.sources = [old, whole]
      }
      try makeBlock(beside, at: "\(directory)/data/\(beside)", from: Self.start + 3_600_000)
      let apart = BlockID.make(now: 3)
      try makeBlock(apart, at: "\(directory)/data/\(apart)") { meta in
        meta.thanos = ThanosMeta()
        meta.thanos?.labels = [.init(name: [97], value: [98])]
      }
      let answer = try json(ToolRun("verify", directory, "--output", "json"))
      #expect(answer["isDamaged"].bool == false)
      let relations = try #require(answer["relations"].array)
      #expect(relations.map { $0["code"].string } == ["block-duplicate"])
      #expect(relations[0]["blocks"][0].string == block)
      // A compaction marked what it merged.
      try "{}".write(toFile: block + "/deletion-mark.json", atomically: true, encoding: .utf8)
      let marked = try json(ToolRun("verify", directory, "--output", "json"))
      #expect(try #require(marked["relations"].array).isEmpty)
      try FileManager.default.removeItem(atPath: block + "/deletion-mark.json")
      try FileManager.default.removeItem(atPath: "\(directory)/data/\(whole)")
      let late = BlockID.make(now: 4)
      try makeBlock(late, at: "\(directory)/data/\(late)", from: Self.start + 1_800_000)
      let run = ToolRun("verify", directory)
      #expect(run.status == .clean)
      #expect(run.lines.filter { $0.hasPrefix("warning  block-overlap:") }.count == 2)
    }
  }

  @Test func `blocks are told in their order however many are checked at once`() throws {
    try withTemporaryDirectory { directory in
      for number in 0..<11 {
        let id = BlockID.make(now: Int64(number) * 1000)
        try makeBlock(id, at: "\(directory)/data/\(id)", from: Int64(number) * 7_200_000)
      }
      try change(try #require(blocks(in: directory).last) + "/index") { $0.removeLast() }
      let run = ToolRun("verify", directory, "--concurrency", "2")
      #expect(run.status == .damaged)
      let named = run.lines.compactMap { line in
        blocks(in: directory).first { line.contains($0) }
      }
      #expect(named == blocks(in: directory))
      #expect(ToolRun("verify", directory, "--concurrency", "1").output == run.output)
      #expect(ToolRun("verify", directory, "--concurrency", "0").status == .failed)
    }
  }

  private func blocks(in directory: String) -> [String] {
    ((try? namesInDirectory(directory + "/data")) ?? []).map { "\(directory)/data/\($0)" }
  }
}
