internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

/// Runs of the reference's compactor made again, down to the blocks that were there at first.
@Suite struct GoldenRunTests {
  private typealias Run = (name: String, series: String, input: String, overlaps: OverlapPolicy)

  private static let runs: [Run] = [
    (
      "compact/long/output.json", "compact/long/output-series.jsonl.gz",
      "compact/long/input.tar.gz", .refuse
    ),
    (
      "compact/ha/chain-output.json", "compact/ha/chain-output-series.jsonl.gz",
      "compact/ha/input.tar.gz", .chain
    ),
    (
      "compact/ha/penalty-output.json", "compact/ha/penalty-output-series.jsonl.gz",
      "compact/ha/input.tar.gz", .penalty
    ),
  ]

  @Test(arguments: 0..<3)
  func `blocks have the files of the reference`(index: Int) throws {
    let run = Self.runs[index]
    try withTemporaryDirectory { directory in
      let golden = try GoldenRun(
        output: run.name, input: run.input, overlaps: run.overlaps, directory: directory)
      let lines = try Golden.jsonLines(run.series)
      let losses = try GoldenRun.seriesWithLosses(lines)
      var compared = 0
      for expected in golden.blocks where expected["input"].bool != true {
        let name = try #require(expected["name"].string)
        let reader = try golden.block(name)
        if let lossy = losses[name] {
          try compareSeries(of: reader, name, except: lossy, lines)
          compared += 1
          continue
        }
        let stats = expected["stats"]
        #expect(reader.meta.stats.samples == stats["numSamples"].uint64, "\(name)")
        #expect(reader.meta.stats.chunks == stats["numChunks"].uint64, "\(name)")
        #expect(reader.meta.stats.series == stats["numSeries"].uint64, "\(name)")
        for file in expected["onDisk"].array ?? [] {
          let path = "\(reader.directory)/\(try #require(file["path"].string))"
          let sum = try runProcess("sha256sum", [path]).requireSuccess().outputText
          #expect(sum.prefix(64) == file["sha256"].string ?? "", "\(name) \(path)")
          compared += 1
        }
      }
      #expect(compared > 0)
    }
  }

  private func compareSeries(
    of reader: BlockReader, _ name: String, except lossy: Set<LabelSet>, _ lines: [JSONValue]
  ) throws {
    try withTemporaryDirectory { directory in
      var found: [LabelSet: [String]] = [:]
      var number = 0
      for id in try reader.index.allPostings() {
        var references: [LabelReference] = []
        var chunks: [ChunkSpan] = []
        try reader.index.appendSeries(id, labels: &references, chunks: &chunks)
        let labels = try reader.index.labels(references)
        found[labels] = []
        for chunk in chunks {
          let segment = try reader.chunks.segment(of: chunk.location)
          let record = try segment.record(at: chunk.location.offset)
          let payload = try #require(segment.payload(of: record))
          let digits = String(number)
          let file = String(repeating: "0", count: 8 - digits.count) + digits
          let bytes = [UInt8](payload.bytes)
          try Data(bytes).write(to: URL(fileURLWithPath: "\(directory)/\(file)"))
          found[labels, default: []].append(file)
          number += 1
        }
      }
      let sums = try runProcess("sh", ["-c", "cd \(directory) && sha256sum *"]).requireSuccess()
      let hashes = sums.outputText.split(separator: "\n").map { String($0.prefix(64)) }
      var compared = 0
      for line in lines where line["block"].string == name {
        let labels = LabelSet(try goldenLabels(line["labels"]))
        let ours = try #require(found[labels], "\(name) \(labels)")
        if lossy.contains(labels) { continue }
        let expected = (line["chunks"].array ?? []).compactMap { $0["sha256"].string }
        #expect(ours.compactMap { Int($0).map { hashes[$0] } } == expected, "\(name) \(labels)")
        compared += 1
      }
      #expect(compared > lossy.count)
    }
  }
}
