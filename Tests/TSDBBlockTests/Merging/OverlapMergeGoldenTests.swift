internal import TestSupport
internal import Testing

@testable internal import TSDBBlock

@Suite struct OverlapMergeGoldenTests {
  @Test(arguments: [OverlapPolicy.chain, .penalty])
  func `overlapping chunks merge into the chunks of the reference`(policy: OverlapPolicy) throws {
    var merge = OverlapMerge(policy)
    var compared = 0
    for item in try Golden.jsonLines("compact/dedup-pairs.jsonl.gz") {
      let id = try #require(item["id"].string)
      // Aggregates are not merged.
      if item["kind"].string == "aggr" { continue }
      let expected = item[policy == .chain ? "chain" : "penalty"]
      if !expected["error"].isNull { continue }
      let streams = try (item["replicas"].array ?? []).map { replica in
        try (replica.array ?? []).map { try chunk($0) }
      }
      let merged = try merge.merge(streams)
      let bytes = merged.map { $0.withPayload { [UInt8]($0) } }
      let wanted = try (expected["chunks"].array ?? []).map { try #require($0["hex"].hexBytes) }
      #expect(bytes == wanted, "\(id) \(item["kind"]) \(item["note"])")
      #expect(merged.map(\.minTime) == (expected["chunks"].array ?? []).map { $0["mint"].int64 })
      #expect(merged.map(\.maxTime) == (expected["chunks"].array ?? []).map { $0["maxt"].int64 })
      compared += 1
    }
    #expect(compared > 0)
  }

  private func chunk(_ value: JSONValue) throws -> MergeChunk {
    let encodings: [String: ChunkEncoding] = [
      "xor": .xor, "hist": .histogram, "fhist": .floatHistogram,
    ]
    return MergeChunk(
      input: 0, location: ChunkLocation(0),
      minTime: try #require(value["mint"].int64), maxTime: try #require(value["maxt"].int64),
      encoding: try #require(encodings[value["enc"].string ?? ""]), checksum: 0,
      sampleCount: try #require(value["n"].int),
      source: .bytes(try #require(value["hex"].hexBytes)))
  }
}
