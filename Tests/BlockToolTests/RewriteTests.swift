internal import Console
internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

@Suite struct `Merge, split and downsample` {
  /// The only block that a run made.
  private func made(_ run: ToolRun) throws -> BlockReader {
    #expect(run.status == .clean, "\(run.remarks)")
    let json = try JSONValue(parsing: Array(run.output.utf8))
    return try BlockReader(directory: try #require(json["path"].string))
  }

  private func names(_ directory: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
  }

  @Test(arguments: 0..<10)
  func `a merged block holds the samples of all inputs`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    try withTemporaryDirectory { directory in
      var union: BlockModel = [:]
      var blocks: [String] = []
      for number in 0..<3 {
        // Values follow from the time, so that it does not matter whose sample stays.
        let model = BlockModel.random(start: Int64(number) * 300, using: &random)
          .mapValues { samples in
            [Int64: UInt64](uniqueKeysWithValues: samples.keys.map { ($0, UInt64($0)) })
          }
        for (labels, samples) in model { union[labels, default: [:]].merge(samples) { $1 } }
        let path = directory + "/\(number)"
        _ = try model.write(
          to: path, Int64(number) * 300..<Int64(number) * 300 + 1000,
          id: BlockID.make(now: Int64(number)))
        blocks.append(path)
      }
      let block = try made(
        ToolRun(
          ["merge", "-o", directory + "/out", "--overlaps", "chain", "--output", "json"] + blocks))
      #expect(try BlockModel(reading: block) == union)
      #expect(block.meta.compaction.level == 2)
      #expect(block.meta.compaction.sources.count == 3)
      #expect(block.meta.compaction.parents.map(\.minTime) == [0, 300, 600])
      #expect(block.meta.minTime == 0 && block.meta.maxTime == 1600)
      #expect(ToolRun("inspect", block.directory).status == .clean)
    }
  }

  @Test func `blocks that overlap are refused unless a policy is given, and nothing is left`()
    throws
  {
    try withTemporaryDirectory { directory in
      let labels = LabelSet(["__name__": "up"])
      let model: BlockModel = [labels: [10: 1, 20: 2]]
      _ = try model.write(to: directory + "/a", 0..<100, id: .make(now: 1))
      _ = try model.write(to: directory + "/b", 0..<100, id: .make(now: 2))
      let arguments = ["merge", directory + "/a", directory + "/b", "-o", directory + "/out"]
      let refused = ToolRun(arguments)
      #expect(refused.status == .failed)
      #expect(refused.remarks.first?.contains("blocktool merge --overlaps chain") == true)
      #expect(names(directory + "/out").isEmpty)
      for policy in ["chain", "penalty"] {
        let block = try made(ToolRun(arguments + ["--overlaps", policy, "--output", "json"]))
        #expect(try BlockModel(reading: block) == model)
      }
      #expect(names(directory + "/out").count == 2)
    }
  }

  @Test func `a damaged input is named and nothing is left`() throws {
    try withTemporaryDirectory { directory in
      let model: BlockModel = [LabelSet(["__name__": "up"]): [10: 1, 20: 2]]
      _ = try model.write(to: directory + "/a", 0..<100, id: .make(now: 1))
      let path = directory + "/a/chunks/000001"
      var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
      bytes[20] ^= 1
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      for command in [
        ["merge"], ["split", "--range", "1s"], ["downsample", "--resolution", "5m"],
      ] {
        let run = ToolRun(command + [directory + "/a", "-o", directory + "/out"])
        #expect(run.status == .damaged)
        #expect(run.remarks.first?.contains(directory + "/a: chunks/000001") == true)
        #expect(names(directory + "/out").isEmpty)
      }
    }
  }

  @Test func `external labels must be the same or given`() throws {
    try withTemporaryDirectory { directory in
      func section(_ replica: String) -> ThanosMeta {
        var thanos = ThanosMeta()
        thanos.labels = [.init(name: Array("replica".utf8), value: Array(replica.utf8))]
        return thanos
      }
      let model: BlockModel = [LabelSet(["__name__": "up"]): [10: 1, 20: 2]]
      _ = try model.write(to: directory + "/a", 0..<100, id: .make(now: 1), thanos: section("a"))
      _ = try model.write(to: directory + "/b", 0..<100, id: .make(now: 2), thanos: section("b"))
      let arguments = [
        "merge", directory + "/a", directory + "/b", "-o", directory + "/out", "--overlaps",
        "penalty", "--output", "json",
      ]
      let run = ToolRun(arguments)
      #expect(run.status == .failed)
      #expect(run.remarks.first?.contains("different external labels") == true)
      let block = try made(ToolRun(arguments + ["--label", "cluster=eu"]))
      #expect(
        block.meta.thanos?.labels.map { String(decoding: $0.name, as: UTF8.self) } == ["cluster"])
    }
  }

  @Test(arguments: 0..<10)
  func `parts are aligned and together hold what the block holds`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let start = Int64.random(in: -500...500, using: &random)
    let model = BlockModel.random(start: start, using: &random)
    try withTemporaryDirectory { directory in
      let id = BlockID.make(now: 1)
      _ = try model.write(to: directory + "/a", start..<start + 1000, id: id, samplesPerChunk: 20)
      let run = ToolRun(
        "split", directory + "/a", "-o", directory + "/out", "--range", "100ms", "--output",
        "json")
      #expect(run.status == .clean, "\(run.remarks)")
      var paths: [String] = []
      for line in run.lines {
        let path = try #require(try JSONValue(parsing: Array(line.utf8))["path"].string)
        let part = try BlockReader(directory: path)
        let (first, end) = (part.meta.minTime, part.meta.maxTime)
        #expect(first == start || first % 100 == 0)
        #expect(end == start + 1000 || end % 100 == 0)
        #expect(end - first <= 100)
        let expected = model.mapValues { $0.filter { first..<end ~= $0.key } }
          .filter { !$0.value.isEmpty }
        #expect(try BlockModel(reading: part) == expected)
        #expect(part.meta.compaction.parents.map(\.id) == [id])
        paths.append(path)
      }
      #expect(paths.count >= 9)
      let whole = try made(
        ToolRun(["merge", "-o", directory + "/whole", "--output", "json"] + paths))
      #expect(ToolRun("diff", directory + "/a", whole.directory).status == .clean)
    }
  }

  @Test func `a downsampled block counts every sample of the raw one`() throws {
    let start: Int64 = 1_709_294_400_000
    try withTemporaryDirectory { directory in
      let id = BlockID.make(now: start)
      let series = ["a", "b"].map { name in
        TestSeries(
          LabelSet(["__name__": name]), (0..<500).map { (start + $0 * 15_000, Double($0)) })
      }
      try makeBlock(at: directory + "/\(id)", id: id, series)
      let block = try made(
        ToolRun(
          "downsample", directory + "/\(id)", "-o", directory + "/out", "--resolution", "5m",
          "--output", "json"))
      #expect(block.meta.resolution == 300_000)
      #expect(block.meta.compaction.sources == [id])
      #expect(block.meta.thanos?.source == "blocktool")
      func values(_ block: BlockReader, _ aggregate: String) -> [Double] {
        ToolRun("dump", block.directory, "--aggregate", aggregate).lines.compactMap {
          Double($0.split(separator: " ").dropLast().last ?? "")
        }
      }
      #expect(values(block, "count").reduce(0, +) == 1000)
      #expect(values(block, "max").max() == 499)
      let hour = try made(
        ToolRun(
          "downsample", block.directory, "-o", directory + "/out", "--resolution", "1h",
          "--output", "json"))
      #expect(values(hour, "count").reduce(0, +) == 1000)
      let again = ToolRun(
        "downsample", hour.directory, "-o", directory + "/out", "--resolution", "5m")
      #expect(again.status == .failed)
      #expect(names(directory + "/out").count == 2)
      let cut = ToolRun("split", block.directory, "-o", directory + "/out", "--range", "1h")
      #expect(cut.status == .failed)
      #expect(names(directory + "/out").count == 2)
    }
  }

  @Test func `a block that claims all of time is not cut into parts without number`() throws {
    try withTemporaryDirectory { directory in
      let model: BlockModel = [LabelSet(["__name__": "up"]): [10: 1]]
      _ = try model.write(to: directory + "/a", .min ..< .max)
      let run = ToolRun("split", directory + "/a", "-o", directory + "/out")
      #expect(run.status == .failed)
      #expect(run.remarks.first?.contains("choose a longer --range") == true)
    }
  }

  @Test func `progress is one line that goes away`() {
    var written: [String] = []
    var time = 0.0
    let line = ProgressLine(width: 61, now: { time }, write: { written.append($0) })
    line.begin("merging")
    line.update(1, of: 100, "series")
    #expect(written.isEmpty)
    time = 2
    line.update(50, of: 100, "series")
    line.update(51, of: 100, "series")
    #expect(
      written == ["\r\u{1B}[Kmerging  [##########··········]  50%  50 of 100 series  25/s"])
    line.clear()
    line.clear()
    #expect(written.last == "\r\u{1B}[K")
    #expect(written.count == 2)
  }
}
