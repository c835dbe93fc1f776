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
}
