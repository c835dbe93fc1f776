internal import TSDBBlock
internal import TestSupport
internal import Testing

/// Two replicas over two days, compacted by the reference: every block it made is made again from
/// its parents, down to those that were there at first.
@Suite struct VerticalMergeGoldenTests {
  @Test(arguments: [("chain", OverlapPolicy.chain), ("penalty", .penalty)])
  func `two replicas merge into the files of the reference`(
    name: String, policy: OverlapPolicy
  ) throws {
    let output = try Golden.json("compact/ha/\(name)-output.json")
    let bucket = try Golden.unpacked("compact/ha/input.tar.gz") + "/bucket"
    let timeline = output["timeline"].array ?? []
    try withTemporaryDirectory { directory in
      var made: [String: BlockReader] = [:]
      func block(_ name: String) throws -> BlockReader {
        if let known = made[name] { return known }
        let entry = try #require(timeline.first { $0["name"].string == name })
        let reader: BlockReader
        if entry["input"].bool == true {
          reader = try BlockReader(directory: "\(bucket)/\(name)")
        } else {
          let parents = try (entry["parents"].array ?? []).map {
            try block(try #require($0["block"].string))
          }
          reader = try merge(parents, entry, policy, to: "\(directory)/\(name)")
        }
        made[name] = reader
        return reader
      }
      var compared = 0
      for expected in output["blocks"].array ?? [] where expected["resolution"].int64 == 0 {
        let name = try #require(expected["name"].string)
        let reader = try block(name)
        #expect(reader.meta.stats.samples == expected["stats"]["numSamples"].uint64, "\(name)")
        #expect(reader.meta.stats.chunks == expected["stats"]["numChunks"].uint64, "\(name)")
        for file in expected["onDisk"].array ?? [] {
          let path = "\(reader.directory)/\(try #require(file["path"].string))"
          let sum = try runProcess("sha256sum", [path]).requireSuccess().outputText
          #expect(sum.prefix(64) == file["sha256"].string ?? "", "\(name)")
          compared += 1
        }
      }
      #expect(compared > 0)
    }
  }

  private func merge(
    _ parents: [BlockReader], _ entry: JSONValue, _ policy: OverlapPolicy, to directory: String
  ) throws -> BlockReader {
    let minTime = try #require(entry["minTime"].int64)
    let maxTime = try #require(entry["maxTime"].int64)
    let writer = try BlockWriter(directory: directory)
    let merge = BlockMerge(inputs: parents, range: minTime...maxTime - 1, overlaps: policy)
    let summary = try #require(try merge.run(into: writer))
    try writer.publish(
      BlockMeta(id: .zero, minTime: minTime, maxTime: maxTime, stats: writer.stats))
    let verification = try #require(try BlockVerification.read(directory: directory))
    #expect(verification.fingerprint == summary.fingerprint)
    return try BlockReader(directory: directory)
  }
}
