import BlockCatalog
import Foundation
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

/// Whole runs of the reference's compactor, repeated.
struct GoldenRunTests {
  @Test func `sixteen days compact and downsample to the blocks of the reference`() async throws {
    try await compare("compact/long/output.json", input: "compact/long/input.tar.gz")
  }

  @Test(arguments: [OverlapPolicy.chain, .penalty])
  func `two replicas compact to the blocks of the reference`(policy: OverlapPolicy) async throws {
    let name = policy == .chain ? "chain" : "penalty"
    try await compare(
      "compact/ha/\(name)-output.json", input: "compact/ha/input.tar.gz"
    ) { configuration in
      configuration.replicaLabels = ReplicaLabels([Array("replica".utf8)])
      configuration.overlaps = policy
      configuration.planner.mergesOverlaps = true
    }
  }

  private func compare(
    _ file: String, input: String, configure: (inout CompactorConfiguration) -> Void = { _ in }
  ) async throws {
    let fixture = try CompactorFixture()
    let root = fixture.directory + "/bucket"
    _ = try runProcess("cp", ["-r", try Golden.unpacked(input) + "/bucket", root]).requireSuccess()
    let bucket = try FilesystemBucket(directory: root)
    let report = try await fixture.service(bucket, configure: configure).compact()
    #expect(report.failures == [])
    #expect(report.isClean)

    let output = try Golden.json(file)
    let expected = output["timeline"].array ?? []
    var found: [String: BlockMeta] = [:]
    var marks: [String: String] = [:]
    for object in try await bucket.list(nil, recursive: false) {
      guard let id = BlockID(object.name.lastComponent) else { continue }
      let meta = try await fixture.meta(id, in: bucket)
      let key = meta.thanos?.source == "compactor" ? key(of: meta) : "\(id)"
      #expect(found.updateValue(meta, forKey: key) == nil, "\(key) was made twice")
      if try await fixture.isMarked(id, in: bucket) {
        let mark = try DeletionMark(
          json: try await bucket.read(ObjectName("\(id)/deletion-mark.json")))
        marks[key] = mark.details
      }
    }
    #expect(found.count == expected.count)
    #expect(marks.count == output["run"]["metrics"]["marked"].int)
    let made = expected.filter { $0["input"].bool != true }
    #expect(report.mergedBlocks.count + report.downsampledBlocks.count == made.count)

    for block in expected {
      let key = self.key(of: block)
      guard let meta = found[key] else {
        Issue.record("\(key) is missing")
        continue
      }
      try compare(meta, with: block, key)
      #expect(marks[key] == block["markedForDeletion"].string, "\(key)")
    }
    let losses = try GoldenRun.seriesWithLosses(
      try Golden.jsonLines(
        file.replacingOccurrences(of: "output.json", with: "output-series.jsonl.gz")))
    for block in output["blocks"].array ?? [] where block["input"].bool != true {
      let key = self.key(of: block)
      let meta = try #require(found[key])
      // Where the reference loses windows of histograms, bytes differ; the library's tests compare
      // these series one by one.
      if losses[block["name"].string ?? ""] != nil { continue }
      for file in block["onDisk"].array ?? [] {
        let path = "\(root)/\(meta.id)/\(file["path"].string ?? "")"
        let sum = try runProcess("sha256sum", [path]).requireSuccess().outputText
        #expect(sum.prefix(64) == file["sha256"].string ?? "", "\(key) \(path)")
      }
    }
  }

  private func key(of meta: BlockMeta) -> String {
    "\(meta.minTime) \(meta.maxTime) \(meta.resolution) \(meta.compaction.level)"
  }

  private func key(of block: JSONValue) -> String {
    if block["input"].bool == true { return block["name"].string ?? "" }
    return [block["minTime"], block["maxTime"], block["resolution"], block["level"]]
      .map { "\($0.int64 ?? 0)" }.joined(separator: " ")
  }

  private func compare(_ meta: BlockMeta, with block: JSONValue, _ key: String) throws {
    #expect(
      meta.compaction.sources.map(\.description)
        == (block["sources"].array ?? []).compactMap(\.string), "\(key)")
    #expect(
      meta.compaction.parents.map(\.minTime)
        == (block["parents"].array ?? []).compactMap { $0["minTime"].int64 }, "\(key)")
    #expect(meta.compaction.hints == (block["hints"].array ?? []).compactMap(\.string), "\(key)")
    #expect(meta.stats.samples == block["stats"]["numSamples"].uint64, "\(key)")
    #expect(meta.stats.floatSamples == block["stats"]["numFloatSamples"].uint64 ?? 0, "\(key)")
    #expect(
      meta.stats.histogramSamples == block["stats"]["numHistogramSamples"].uint64 ?? 0, "\(key)")
    #expect(meta.stats.series == block["stats"]["numSeries"].uint64, "\(key)")
    let thanos = try #require(meta.thanos)
    #expect(thanos.source == block["source"].string, "\(key)")
    #expect(
      thanos.segmentFiles == (block["segmentFiles"].array ?? []).compactMap(\.string), "\(key)")
    guard meta.resolution == 0 else { return }
    #expect(meta.stats.chunks == block["stats"]["numChunks"].uint64, "\(key)")
    #expect(
      thanos.indexStats.seriesMaxSize == block["indexStats"]["series_max_size"].int64 ?? 0, "\(key)"
    )
    #expect(
      thanos.indexStats.chunkMaxSize == block["indexStats"]["chunk_max_size"].int64 ?? 0, "\(key)")
  }
}
