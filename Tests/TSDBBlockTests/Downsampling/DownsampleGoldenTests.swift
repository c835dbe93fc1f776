internal import TestSupport
internal import Testing

@testable internal import TSDBBlock

@Suite struct DownsampleGoldenTests {
  @Test(arguments: ["downsample-raw", "downsample-aggr"])
  func `series are downsampled to the chunks of the reference`(file: String) throws {
    var compared = 0
    for item in try Golden.jsonLines("compact/\(file).jsonl.gz") where item["error"].isNull {
      let id = try #require(item["id"].string)
      let chunks = try downsample(item)
      // The reference writes a chunk of nothing, which nobody can read.
      let expected = (item["out"].array ?? []).filter { $0["hex"].string != "0000000000" }
      if expected.contains(where: losesWindows) {
        try compareLoss(chunks, expected, id)
        continue
      }
      #expect(chunks.count == expected.count, "\(id) \(item["note"])")
      for (chunk, expected) in zip(chunks, expected) {
        // It leaves out an empty counter, which nobody can read either.
        let isReadable = expected["aggr"]["counter"]["error"].isNull
        if isReadable {
          #expect(chunk.payload == expected["hex"].hexBytes, "\(id) \(item["note"])")
        }
        // And it takes 0 for the time of an aggregate that is missing.
        if expected["mint"].int64 != 0 { #expect(chunk.minTime == expected["mint"].int64, "\(id)") }
        #expect(chunk.maxTime == expected["maxt"].int64, "\(id)")
        #expect(chunk.sampleCount == expected["n"].int, "\(id)")
        compared += 1
      }
    }
    #expect(compared > 0)
  }

  /// Cases where the reference fails, panics or never ends, for reasons that are none.
  @Test(arguments: ["downsample-raw", "downsample-aggr"])
  func `what only the reference cannot do is done`(file: String) throws {
    let ours = ["cannot reduce resolution", "does not terminate", "invalid size"]
    var answered = 0
    for item in try Golden.jsonLines("compact/\(file).jsonl.gz") {
      guard let error = item["error"].string else { continue }
      let id = try #require(item["id"].string)
      // A chunk that is cut off inside an aggregate is damaged for us too.
      let isCut = item["note"].string?.hasPrefix("aggregate data cut") == true
      guard !isCut, ours.contains(where: error.contains) else { continue }
      let chunks = try downsample(item)
      #expect(!chunks.isEmpty || item["note"].string == "nothing in it", "\(id)")
      answered += 1
    }
    #expect(answered > 0)
  }

  /// Where the layout of histograms changes inside a chunk, the reference forgets the windows
  /// before; ours begins a chunk and keeps them.
  private func losesWindows(_ chunk: JSONValue) -> Bool {
    let count = chunk["n"].int ?? 0
    return chunk["aggr"]["counter"]["enc"].string == "fhist"
      && ((chunk["aggr"]["sum"]["n"].int ?? 0) < count
        || (chunk["aggr"]["counter"]["n"].int ?? 0) < count)
  }

  private func compareLoss(
    _ chunks: [DownsampledChunk], _ expected: [JSONValue], _ id: String
  ) throws {
    let ours = try chunks.map { try AggregateDownsampler.Parts($0.payload.rawSpan, 0...0) }
    let theirs = try expected.map { chunk in
      let bytes = try #require(chunk["hex"].hexBytes)
      return try AggregateDownsampler.Parts(bytes.rawSpan, 0...0)
    }
    let counts = ours.flatMap { $0.columns[.count]?.floats.values ?? [] }
    #expect(counts == theirs.flatMap { $0.columns[.count]?.floats.values ?? [] }, "\(id)")
    for kind in [AggregateChunk.Kind.count, .sum, .counter] {
      let times = ours.flatMap { $0.columns[kind]?.timestamps ?? [] }
      let kept = theirs.flatMap { $0.columns[kind]?.timestamps ?? [] }
      #expect(Set(times).isSuperset(of: kept), "\(id)")
      #expect(times == times.sorted(), "\(id)")
    }
  }

  private func downsample(_ item: JSONValue) throws -> [DownsampledChunk] {
    let encodings: [String: ChunkEncoding] = [
      "xor": .xor, "hist": .histogram, "fhist": .floatHistogram, "aggr": .aggregate,
    ]
    var downsampler = SeriesDownsampler(
      from: item["inResolution"].int64 ?? 0, to: try #require(item["resolution"].int64))
    for chunk in item["in"].array ?? [] {
      let bytes = try #require(chunk["hex"].hexBytes)
      let encoding = try #require(encodings[chunk["enc"].string ?? ""])
      try downsampler.append(
        bytes.span.bytes, 0..<bytes.count, encoding: encoding,
        minTime: try #require(chunk["mint"].int64), maxTime: try #require(chunk["maxt"].int64))
    }
    return try downsampler.finish()
  }
}
