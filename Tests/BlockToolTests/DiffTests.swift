internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

@Suite struct `Diff` {
  @Test func `a block equals itself, however its samples are cut into chunks`() throws {
    var random = SeededRandom(seed: 7)
    let model = BlockModel.random(start: 0, using: &random)
    try withTemporaryDirectory { directory in
      _ = try model.write(to: directory + "/a", 0..<1000)
      _ = try model.write(to: directory + "/b", 0..<1000, samplesPerChunk: 3)
      let run = ToolRun("diff", directory + "/a", directory + "/b")
      #expect(run.status == .clean)
      let samples = model.values.reduce(0) { $0 + $1.count }
      #expect(run.output == "equal: \(model.count) series, \(samples) samples\n")
      let chunks = ToolRun("diff", directory + "/a", directory + "/b", "--chunks")
      #expect(chunks.status == .different)
      #expect(chunks.output.contains("    ~ chunk 1: XOR "))
    }
  }

  @Test(arguments: 0..<20)
  func `what differs is what a comparison of dictionaries finds`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let left = BlockModel.random(start: 0, using: &random)
    var right = BlockModel.random(start: 0, seriesCount: 5, using: &random)
    for (labels, samples) in left where Bool.random(using: &random) {
      right[labels] = samples.compactMapValues { value in
        switch Int.random(in: 0..<4, using: &random) {
        case 0: nil
        case 1: value ^ 1
        default: value
        }
      }
      if right[labels]?.isEmpty == true { right[labels] = nil }
    }
    try withTemporaryDirectory { directory in
      _ = try left.write(to: directory + "/a", 0..<1000)
      _ = try right.write(to: directory + "/b", 0..<1000, samplesPerChunk: 11)
      let run = ToolRun(
        "diff", directory + "/a", directory + "/b", "--output", "json", "--limit", "1000")
      let lines = try run.lines.map { try JSONValue(parsing: Array($0.utf8)) }
      let summary = try #require(lines.last)
      func onlyIn(_ model: BlockModel, _ other: BlockModel) -> (series: Int, samples: Int) {
        var (series, samples) = (0, 0)
        for (labels, values) in model {
          if other[labels] == nil { series += 1 }
          samples += values.keys.filter { other[labels]?[$0] == nil }.count
        }
        return (series, samples)
      }
      let (first, second) = (onlyIn(left, right), onlyIn(right, left))
      var changed = 0
      for (labels, values) in left {
        for (time, value) in values {
          if let other = right[labels]?[time], other != value { changed += 1 }
        }
      }
      #expect(summary["onlyFirstSeries"].int == first.series)
      #expect(summary["onlySecondSeries"].int == second.series)
      #expect(summary["onlyFirstSamples"].int == first.samples)
      #expect(summary["onlySecondSamples"].int == second.samples)
      #expect(summary["differentSamples"].int == changed)
      #expect(run.status == (left == right ? .clean : .different))
      let told = lines.filter { $0["kind"].string == "sample" && !$0["second"].isNull }
      #expect(told.filter { !$0["first"].isNull }.count == changed)
    }
  }

  @Test func `each difference is shown with time and values`() throws {
    try withTemporaryDirectory { directory in
      let labels = LabelSet(["__name__": "up"])
      let other = LabelSet(["__name__": "down"])
      let left: BlockModel = [
        labels: [1000: 1.0.bitPattern, 2000: SampleValue.normalNaN, 3000: 3.0.bitPattern],
        other: [5000: 0],
      ]
      let right: BlockModel = [
        labels: [1000: 1.0.bitPattern, 2000: SampleValue.staleMarker, 4000: 4.0.bitPattern]
      ]
      _ = try left.write(to: directory + "/a", 0..<5001)
      _ = try right.write(to: directory + "/b", 0..<5001)
      let run = ToolRun("diff", directory + "/a", directory + "/b")
      #expect(run.status == .different)
      #expect(
        run.output == """
          - {__name__="down"}  1 sample from 1970-01-01T00:00:05Z to 1970-01-01T00:00:05Z
          ~ {__name__="up"}
              ~ 2000 NaN (7ff8000000000001) -> NaN (7ff0000000000002)
              - 3000 3
              + 4000 4
          series:  0 equal, 1 different, 1 only in the first, 0 only in the second
          samples: 1 equal, 1 different, 2 only in the first, 1 only in the second

          """)
      let short = ToolRun("diff", directory + "/a", directory + "/b", "--limit", "1")
      #expect(short.lines.contains("    and 2 more"))
      let matched = ToolRun("diff", directory + "/a", directory + "/b", "--match", "nothing")
      #expect(matched.status == .clean)
    }
  }

  @Test func `every golden block equals itself`() throws {
    let root = try Golden.unpacked("format/blocks.tar.gz")
    for block in try Golden.jsonLines("format/blocks.jsonl") {
      let path = root + "/" + (try #require(block["path"].string))
      let run = ToolRun("diff", path, path, "--chunks", "--output", "json")
      #expect(run.status == .clean, "\(block["name"]) \(run.remarks) \(run.lines.prefix(3))")
      let summary = try JSONValue(parsing: Array(run.output.utf8))
      let samples = ToolRun("dump", path).lines.count
      #expect(summary["equalSamples"].int == samples, "\(block["name"])")
    }
  }

  @Test func `damage is told and has an exit code of its own`() throws {
    try withTemporaryDirectory { directory in
      let model: BlockModel = [LabelSet(["__name__": "up"]): [1000: 1, 2000: 2]]
      _ = try model.write(to: directory + "/a", 0..<5001)
      _ = try model.write(to: directory + "/b", 0..<5001)
      let path = directory + "/b/chunks/000001"
      var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
      bytes[20] ^= 1
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let run = ToolRun("diff", directory + "/a", directory + "/b")
      #expect(run.status == .damaged)
      #expect(run.remarks.first?.contains("chunks/000001: chunk at offset 8: checksum") == true)
      #expect(ToolRun("diff", directory + "/a", "/does/not/exist").status == .failed)
    }
  }
}
