import TestSupport
import Testing

@testable import TSDBBlock

struct BlockMergeGoldenTests {
  @Test func `a merge has the index and segment bytes of the reference`() throws {
    let bucket = try Golden.unpacked("compact/long/input.tar.gz") + "/bucket"
    let output = try Golden.json("compact/long/output.json")
    var compared = 0
    for block in output["blocks"].array ?? []
    where block["resolution"].int64 == 0 && block["input"].bool == false {
      let name = block["name"].string ?? ""
      let inputs = try (block["sources"].array ?? []).map {
        try BlockReader(directory: "\(bucket)/\($0.string ?? "")")
      }
      let minTime = try #require(block["minTime"].int64)
      let maxTime = try #require(block["maxTime"].int64)
      try withTemporaryDirectory { directory in
        let merged = directory + "/merged"
        let writer = try BlockWriter(directory: merged)
        let merge = BlockMerge(inputs: inputs, range: minTime...maxTime - 1)
        let summary = try #require(try merge.run(into: writer))
        let stats = writer.stats
        try writer.publish(BlockMeta(id: .zero, minTime: minTime, maxTime: maxTime))

        for file in block["onDisk"].array ?? [] {
          let path = file["path"].string ?? ""
          let sum = try runProcess("sha256sum", ["\(merged)/\(path)"]).requireSuccess().outputText
          #expect(sum.prefix(64) == file["sha256"].string ?? "", "\(name) \(path)")
        }
        let expected = block["stats"]
        #expect(stats.samples == expected["numSamples"].uint64)
        #expect(stats.floatSamples == expected["numFloatSamples"].uint64)
        #expect(stats.histogramSamples == expected["numHistogramSamples"].uint64)
        #expect(stats.series == expected["numSeries"].uint64)
        #expect(stats.chunks == expected["numChunks"].uint64)

        let verification = try #require(try BlockVerification.read(directory: merged))
        #expect(verification.fingerprint == summary.fingerprint)
        #expect(verification.series == stats.series)
        #expect(
          verification.indexStats.seriesMaxSize == block["indexStats"]["series_max_size"].int64)
        #expect(
          verification.indexStats.chunkMaxSize == block["indexStats"]["chunk_max_size"].int64)
        compared += 1
      }
    }
    #expect(compared >= 2)
  }
}
