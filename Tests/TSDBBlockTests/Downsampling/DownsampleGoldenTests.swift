internal import TestSupport
internal import Testing

@testable internal import TSDBBlock

@Suite struct DownsampleGoldenTests {
  private static let floatKinds: Set<String> = [
    "float", "float-edge", "float-disorder", "float-long",
  ]

  @Test func `raw floats are downsampled to the chunks of the reference`() throws {
    var downsampler = RawDownsampler()
    var compared = 0
    for item in try Golden.jsonLines("compact/downsample-raw.jsonl.gz") {
      let id = try #require(item["id"].string)
      guard Self.floatKinds.contains(item["kind"].string ?? ""), item["error"].isNull else {
        continue
      }
      downsampler.begin()
      for chunk in item["in"].array ?? [] {
        var columns = SampleColumns()
        let bytes = try #require(chunk["hex"].hexBytes)
        try XORDecoder.decode(bytes.span.bytes, into: &columns)
        downsampler.append(columns)
      }
      let chunks = downsampler.finish(resolution: try #require(item["resolution"].int64))
      let expected = item["out"].array ?? []
      #expect(chunks.map(\.payload) == expected.map { $0["hex"].hexBytes }, "\(id) \(item["note"])")
      #expect(chunks.map(\.minTime) == expected.map { $0["mint"].int64 }, "\(id)")
      #expect(chunks.map(\.maxTime) == expected.map { $0["maxt"].int64 }, "\(id)")
      #expect(chunks.map(\.sampleCount) == expected.map { $0["n"].int }, "\(id)")
      compared += 1
    }
    #expect(compared > 0)
  }

  @Test func `aggregates are downsampled to the chunks of the reference`() throws {
    var downsampler = AggregateDownsampler()
    var compared = 0
    for item in try Golden.jsonLines("compact/downsample-aggr.jsonl.gz") {
      let id = try #require(item["id"].string)
      let input = item["in"].array ?? []
      // Histograms are not downsampled.
      let holdsHistograms = input.contains { chunk in
        ["count", "sum", "min", "max", "counter"].contains { kind in
          ["hist", "fhist"].contains(chunk["aggr"][kind]["enc"].string ?? "")
        } || ["hist", "fhist"].contains(chunk["enc"].string ?? "")
      }
      guard item["error"].isNull, !holdsHistograms, let first = input.first, let last = input.last
      else { continue }
      let parts = try input.flatMap { try self.parts($0) }
      let chunks = try downsampler.downsample(
        parts,
        range: try #require(first["mint"].int64)...(try #require(last["maxt"].int64)),
        interval: try #require(item["inResolution"].int64),
        resolution: try #require(item["resolution"].int64))
      // The reference writes a chunk of nothing, which nobody can read.
      let expected = (item["out"].array ?? []).filter { $0["hex"].string != "0000000000" }
      #expect(chunks.count == expected.count, "\(id) \(item["note"])")
      for (chunk, expected) in zip(chunks, expected) {
        // It also leaves out an empty counter, with the same result.
        let isReadable = expected["aggr"]["counter"]["error"].isNull
        if isReadable { #expect(chunk.payload == expected["hex"].hexBytes, "\(id)") }
        // And it takes 0 for the time of an aggregate that is missing.
        if expected["mint"].int64 != 0 { #expect(chunk.minTime == expected["mint"].int64, "\(id)") }
        #expect(chunk.maxTime == expected["maxt"].int64, "\(id)")
        #expect(chunk.sampleCount == expected["n"].int, "\(id)")
        compared += 1
      }
    }
    #expect(compared > 0)
  }

  private func parts(_ chunk: JSONValue) throws -> [AggregateDownsampler.Parts] {
    let bytes = try #require(chunk["hex"].hexBytes)
    if chunk["enc"].string == "aggr" { return [try AggregateDownsampler.Parts(bytes.span.bytes)] }
    var columns = SampleColumns()
    try XORDecoder.decode(bytes.span.bytes, into: &columns)
    return try AggregateDownsampler.Parts.parts(ofRaw: columns)
  }
}
