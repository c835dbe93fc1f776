internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

/// `blocktool rewrite`: the cases of Thanos' compactv2, other encodings, and the bucket.
@Suite struct `Rewrite command` {
  private static let times: [Int64] = [0, 1, 2, 10, 11, 20]

  /// A block with a series for each value of `a`, and its samples by series.
  private func withBlock(
    _ series: [(KeyValuePairs<String, String>, [Int64])] = [
      (["a": "1"], times), (["a": "2"], times), (["a": "3"], times),
    ],
    _ body: (String, String) throws -> Void
  ) throws {
    try withTemporaryDirectory { directory in
      let id = BlockID.make(now: 1)
      try makeBlock(
        at: "\(directory)/\(id)", id: id,
        series.map { TestSeries(LabelSet($0.0), $0.1.map { ($0, Double($0)) }) }, minTime: 0,
        maxTime: 100)
      try body("\(directory)/\(id)", directory + "/out")
    }
  }

  private func rewrite(_ block: String, _ output: String, _ words: String...) throws -> BlockModel {
    let run = ToolRun(
      ["rewrite", block, "-o", output, "--no-dry-run", "--output", "json"] + words)
    try #require(run.status == .clean, "\(run.remarks)")
    let path = try #require(try JSONValue(parsing: Array(run.output.utf8))["path"].string)
    #expect(BlockScan(directory: path).findings.isEmpty)
    return try BlockModel(reading: BlockReader(directory: path))
  }

  private func log(_ output: String) throws -> [String] {
    let names = try namesInDirectory(output)
    let text = try String(
      contentsOfFile: "\(output)/\(names[0])/change.log", encoding: .utf8)
    return text.split(separator: "\n").map(String.init)
  }

  private func set(_ labels: KeyValuePairs<String, String>) -> LabelSet { LabelSet(labels) }

  @Test func `a deletion without interval takes the series, and its strings with it`() throws {
    try withBlock { block, output in
      let model = try rewrite(
        block, output, "--rewrite.to-delete-config", "[{matchers: '{a=\"2\"}'}]")
      #expect(Set(model.keys) == [set(["a": "1"]), set(["a": "3"])])
      #expect(try log(output) == ["Deleted {a=\"2\"} [{0 20}]"])
      let name = try namesInDirectory(output)[0]
      let reader = try BlockReader(directory: "\(output)/\(name)")
      #expect(try reader.index.symbols.count == 3)
      #expect(reader.meta.thanos?.rewrites.first?.deletions.count == 1)
      #expect(reader.meta.thanos?.source == "bucket.rewrite")
    }
  }

  @Test func `a deletion with intervals takes these samples only`() throws {
    try withBlock { block, output in
      let model = try rewrite(
        block, output, "--rewrite.to-delete-config",
        "[{matchers: '{a=\"3\"}', intervals: [{mint: 10, maxt: 11}]}]")
      #expect(model[set(["a": "3"])]?.keys.sorted() == [0, 1, 2, 20])
      #expect(model[set(["a": "1"])]?.keys.sorted() == Self.times)
      #expect(try log(output) == ["Deleted {a=\"3\"} [{10 11}]"])
    }
  }

  @Test func `a label that a series does not have matches no deletion`() throws {
    let series: [(KeyValuePairs<String, String>, [Int64])] = [
      (["a": "1", "foo": "bar"], [1]), (["a": "2", "foo": "bar"], [1]), (["a": "2"], [1]),
      (["foo": "baz"], [1]),
    ]
    try withBlock(series) { block, output in
      let model = try rewrite(
        block, output, "--rewrite.to-delete-config", "[{matchers: '{a!=\"1\", foo=~\"ba.\"}'}]")
      #expect(
        Set(model.keys) == [set(["a": "1", "foo": "bar"]), set(["a": "2"]), set(["foo": "baz"])])
    }
  }

  @Test func `a request without effect leaves every chunk as it is`() throws {
    try withBlock { block, output in
      _ = try rewrite(block, output, "--rewrite.to-delete-config", "[{matchers: '{a=\"9\"}'}]")
      let name = try namesInDirectory(output)[0]
      #expect(ToolRun("diff", block, "\(output)/\(name)", "--chunks").status == .clean)
    }
  }

  @Test func `relabelled series are sorted anew and logged`() throws {
    try withBlock { block, output in
      let rules = """
        [{source_labels: [a], regex: '1', target_label: a, replacement: '4'},
         {source_labels: [a], regex: '2', target_label: a, replacement: '0'}]
        """
      let model = try rewrite(block, output, "--rewrite.to-relabel-config", rules)
      #expect(model.keys.sorted() == ["0", "3", "4"].map { set(["a": $0]) })
      #expect(
        try log(output) == [
          "Relabelled {a=\"1\"} {a=\"4\"}", "Relabelled {a=\"2\"} {a=\"0\"}",
        ])
    }
  }

  @Test func `series that become equal are merged by time, and those without labels go`() throws {
    let series: [(KeyValuePairs<String, String>, [Int64])] = [
      (["a": "1", "b": "x"], [1, 2, 10, 20]), (["a": "1", "b": "y"], [0, 2, 3, 4, 11, 20, 25]),
      (["b": "z"], [5]),
    ]
    try withBlock(series) { block, output in
      let model = try rewrite(
        block, output, "--rewrite.to-relabel-config", "[{action: labeldrop, regex: b}]")
      #expect(Set(model.keys) == [set(["a": "1"])])
      #expect(model[set(["a": "1"])]?.keys.sorted() == [0, 1, 2, 3, 4, 10, 11, 20, 25])
      #expect(try log(output).last == "Dropped {b=\"z\"}")
    }
  }

  @Test func `nothing is written unless asked for`() throws {
    try withBlock { block, output in
      let run = ToolRun("rewrite", block, "--rewrite.to-delete-config", "[{matchers: '{a=\"2\"}'}]")
      #expect(run.status == .clean, "\(run.remarks)")
      #expect(run.lines.count == 2 && run.lines[0].hasSuffix("Deleted {a=\"2\"} [{0 20}]"))
      #expect(!isDirectory(output))
    }
  }

  @Test(arguments: [
    "[]", "[{matchers: ''}]", "[{matchers: '{a='}]", "[{matcher: '{a=\"1\"}'}]",
    "[{matchers: '{a=\"1\"}', intervals: [{mint: 2, maxt: 1}]}]", "up",
  ])
  func `a request that makes no sense is refused`(yaml: String) throws {
    try withBlock { block, output in
      let run = ToolRun("rewrite", block, "-o", output, "--rewrite.to-delete-config", yaml)
      #expect(run.status == .failed)
      #expect(run.remarks.count == 1)
    }
  }

  @Test func `seeded relabellings give what a naive one gives`() throws {
    for seed in 0..<6 {
      var random = SeededRandom(seed: UInt64(seed))
      let model = BlockModel.random(start: 0, seriesCount: 300, using: &random)
      try withTemporaryDirectory { directory in
        let block = "\(directory)/\(BlockID.make(now: 1))"
        _ = try model.write(to: block, 0..<2000)
        let result = try rewrite(
          block, directory + "/out", "--rewrite.to-relabel-config",
          "[{source_labels: [l0], regex: 'v(.)(.*)', target_label: l0, replacement: '$2$1'}, "
            + "{action: labeldrop, regex: l1}]")
        var expected: [LabelSet: Set<Int64>] = [:]
        for (labels, samples) in model {
          var pairs: [(name: [UInt8], value: [UInt8])] = []
          for pair in labels.pairs where pair.name != Array("l1".utf8) {
            var value = pair.value
            if pair.name == Array("l0".utf8) { value = Array(value[2...]) + [value[1]] }
            pairs.append((pair.name, value))
          }
          expected[LabelSet(pairs), default: []].formUnion(samples.keys)
        }
        #expect(result.mapValues { Set($0.keys) } == expected, "seed \(seed)")
      }
    }
  }

  @Test func `windows of a downsampled block go when a part of them is deleted`() throws {
    try BucketFixture.with { fixture in
      let id = try fixture.add(0)
      let down = ToolRun(
        "downsample", "\(fixture.bucket)/\(id)", "-o", fixture.directory + "/5m", "--resolution",
        "5m")
      try #require(down.status == .clean, "\(down.remarks)")
      let coarse = "\(fixture.directory)/5m/\(try namesInDirectory(fixture.directory + "/5m")[0])"
      let from = BucketFixture.start + 7 * 60_000
      let run = ToolRun(
        "rewrite", coarse, "-o", fixture.directory + "/out", "--no-dry-run",
        "--rewrite.to-delete-config",
        "[{matchers: '{job=\"j1\"}', intervals: [{mint: \(from), maxt: \(from + 60_000)}]}]")
      try #require(run.status == .clean, "\(run.remarks)")
      let out = "\(fixture.directory)/out/\(try namesInDirectory(fixture.directory + "/out")[0])"
      #expect(BlockScan(directory: out).findings.filter { $0.severity == .error }.isEmpty)
      func counts(_ block: String, _ job: String) -> Int {
        ToolRun("dump", block, "--aggregate", "count", "--match", "{job=\"\(job)\"}").lines.count
      }
      #expect(counts(out, "j1") == counts(coarse, "j1") - 1)
      #expect(counts(out, "j2") == counts(coarse, "j2"))
    }
  }

  @Test(arguments: [false, true])
  func `a block of a bucket is replaced when the old one is to be deleted`(isRemote: Bool) throws {
    try BucketFixture.with(isRemote: isRemote) { fixture in
      let id = try fixture.add(0)
      let request = "[{matchers: '{job=\"j1\"}'}]"
      let dry = fixture.run(
        "bucket", "rewrite", "--id", "\(id)", "--rewrite.to-delete-config", request)
      #expect(dry.status == .clean, "\(dry.remarks)")
      #expect(fixture.run("bucket", "ls").lines == ["\(id)"])
      let run = fixture.run(
        "bucket", "rewrite", "--id", "\(id)", "--no-dry-run", "--delete-blocks",
        "--rewrite.to-delete-config", request, "--output", "json")
      #expect(run.status == .clean, "\(run.remarks)")
      let new = try #require(try JSONValue(parsing: Array(run.output.utf8))["ulid"].string)
      let meta = try BlockMeta(json: fixture.bytes("\(new)/meta.json"))
      #expect(meta.stats.series == 3)
      #expect(meta.compaction.sources.contains(id))
      #expect(fixture.exists("\(id)/deletion-mark.json"))
      #expect(fixture.run("bucket", "ls", "--exclude-delete").lines == [new])
    }
  }
}
