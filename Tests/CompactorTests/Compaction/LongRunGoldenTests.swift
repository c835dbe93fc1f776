import BlockCatalog
import Foundation
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

struct LongRunGoldenTests {
  @Test func `sixteen days compact to the blocks of the reference`() async throws {
    let fixture = try CompactorFixture()
    let root = fixture.directory + "/bucket"
    let input = try Golden.unpacked("compact/long/input.tar.gz") + "/bucket"
    _ = try runProcess("cp", ["-r", input, root]).requireSuccess()
    let bucket = try FilesystemBucket(directory: root)
    let report = try await fixture.service(bucket).compact()
    #expect(report.isClean)

    let output = try Golden.json("compact/long/output.json")
    let expected = (output["timeline"].array ?? []).filter { $0["resolution"].int64 == 0 }
    var found: [String: BlockMeta] = [:]
    var marked = 0
    for object in try await bucket.list(nil, recursive: false) {
      guard let id = BlockID(object.name.lastComponent) else { continue }
      let meta = try await fixture.meta(id, in: bucket)
      found["\(meta.minTime) \(meta.maxTime) \(meta.compaction.level)"] = meta
      if try await fixture.isMarked(id, in: bucket) { marked += 1 }
    }
    #expect(found.count == expected.count)
    #expect(marked == output["run"]["metrics"]["marked"].int)
    #expect(report.mergedBlocks.count == expected.filter { $0["input"].bool != true }.count)

    for block in expected {
      let key =
        "\(block["minTime"].int64 ?? 0) \(block["maxTime"].int64 ?? 0) "
        + "\(block["level"].int64 ?? 0)"
      let meta = try #require(found[key], "\(key)")
      try compare(meta, with: block, key)
      #expect(
        try await fixture.isMarked(meta.id, in: bucket)
          == (block["markedForDeletion"].string != nil), "\(key)")
    }
    for block in output["blocks"].array ?? [] where block["resolution"].int64 == 0 {
      let key =
        "\(block["minTime"].int64 ?? 0) \(block["maxTime"].int64 ?? 0) "
        + "\(block["level"].int64 ?? 0)"
      let meta = try #require(found[key])
      for file in block["onDisk"].array ?? [] {
        let path = "\(root)/\(meta.id)/\(file["path"].string ?? "")"
        let sum = try runProcess("sha256sum", [path]).requireSuccess().outputText
        #expect(sum.prefix(64) == file["sha256"].string ?? "", "\(key)")
      }
    }
  }

  private func compare(_ meta: BlockMeta, with block: JSONValue, _ key: String) throws {
    #expect(
      meta.compaction.sources.map(\.description)
        == (block["sources"].array ?? []).compactMap(\.string), "\(key)")
    #expect(
      meta.compaction.parents.map(\.minTime)
        == (block["parents"].array ?? []).compactMap { $0["minTime"].int64 }, "\(key)")
    #expect(meta.stats.samples == block["stats"]["numSamples"].uint64, "\(key)")
    #expect(meta.stats.series == block["stats"]["numSeries"].uint64, "\(key)")
    #expect(meta.stats.chunks == block["stats"]["numChunks"].uint64, "\(key)")
    let thanos = try #require(meta.thanos)
    #expect(thanos.source == block["source"].string, "\(key)")
    #expect(
      thanos.segmentFiles == (block["segmentFiles"].array ?? []).compactMap(\.string), "\(key)")
    #expect(
      thanos.indexStats.seriesMaxSize == block["indexStats"]["series_max_size"].int64 ?? 0, "\(key)"
    )
    #expect(
      thanos.indexStats.chunkMaxSize == block["indexStats"]["chunk_max_size"].int64 ?? 0, "\(key)")
  }
}
