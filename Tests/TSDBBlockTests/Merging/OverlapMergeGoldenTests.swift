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

  @Test func `overlapping aggregates merge into those of the reference and what it loses`() throws {
    var merge = OverlapMerge(.penalty)
    var compared = 0
    for item in try Golden.jsonLines("compact/dedup-pairs.jsonl.gz")
    where item["kind"].string == "aggr" && item["penalty"]["error"].isNull {
      let id = try #require(item["id"].string)
      let streams = try (item["replicas"].array ?? []).map { replica in
        try (replica.array ?? []).map { try chunk($0) }
      }
      let merged = try merge.merge(streams)
      let expected = item["penalty"]["chunks"].array ?? []
      #expect(merged.map(\.minTime) == expected.map { $0["mint"].int64 }, "\(id)")
      #expect(merged.map(\.maxTime) == expected.map { $0["maxt"].int64 }, "\(id)")
      for (position, (ours, theirs)) in zip(merged, expected).enumerated() {
        let bytes = ours.withPayload { [UInt8]($0) }
        let wanted = try #require(theirs["hex"].hexBytes)
        compared += 1
        guard bytes != wanted else { continue }
        #expect(position > 0, "\(id) the first chunk loses nothing")
        for kind in AggregateChunk.Kind.allCases {
          let (mine, others) = (try samples(kind, bytes), try samples(kind, wanted))
          if mine != others {
            #expect(kind != .count && Array(mine.dropFirst()) == others, "\(id) \(kind)")
          }
        }
      }
    }
    #expect(compared > 0)
  }

  @Test func `overlapping aggregates cannot be chained`() throws {
    var merge = OverlapMerge(.chain)
    var refused = 0
    for item in try Golden.jsonLines("compact/dedup-pairs.jsonl.gz")
    where item["kind"].string == "aggr" {
      let streams = try (item["replicas"].array ?? []).map { replica in
        try (replica.array ?? []).map { try chunk($0) }
      }
      if item["chain"]["error"].isNull {
        let bytes = try merge.merge(streams).map { $0.withPayload { [UInt8]($0) } }
        #expect(bytes == (item["chain"]["chunks"].array ?? []).map { $0["hex"].hexBytes })
      } else {
        let error = #expect(throws: ChunkMergeError.self) { try merge.merge(streams) }
        #expect(error?.cause == .unsupported)
        refused += 1
      }
    }
    #expect(refused > 0)
  }

  /// Times and value bits of an aggregate, alternately.
  private func samples(_ kind: AggregateChunk.Kind, _ bytes: [UInt8]) throws -> [[UInt64]] {
    guard let part = try AggregateChunk(bytes.rawSpan)[kind] else { return [] }
    var columns = SampleColumns()
    try XORDecoder.decode(bytes.rawSpan, part.range, into: &columns)
    return zip(columns.timestamps, columns.values).map { [UInt64(bitPattern: $0), $1] }
  }

  private func chunk(_ value: JSONValue) throws -> MergeChunk {
    let encodings: [String: ChunkEncoding] = [
      "xor": .xor, "hist": .histogram, "fhist": .floatHistogram, "aggr": .aggregate,
    ]
    return MergeChunk(
      input: 0, location: ChunkLocation(0),
      minTime: try #require(value["mint"].int64), maxTime: try #require(value["maxt"].int64),
      encoding: try #require(encodings[value["enc"].string ?? ""]), checksum: 0,
      sampleCount: try #require(value["n"].int),
      source: .bytes(try #require(value["hex"].hexBytes)))
  }
}
