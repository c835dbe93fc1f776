internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import TSDBBlock

/// The lossless merge of the replicas that the reference merges with penalties.
@Suite struct LosslessMergeGoldenTests {
  /// What stands closer than nine tenths of an interval behind another sample counts as a double:
  /// penalties let some in at each change of the replica.
  @Test func `no series has fewer samples than with penalties, but for doubles`() throws {
    let interval = try #require(try Golden.json("compact/ha/scenario.json")["scrapeMs"].int64)
    try withTemporaryDirectory { directory in
      let runs = try [OverlapPolicy.penalty, .lossless].map { policy in
        let parent = "\(directory)/\(policy)"
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        return try GoldenRun(
          output: "compact/ha/penalty-output.json", input: "compact/ha/input.tar.gz",
          overlaps: policy, directory: parent)
      }
      var gained = 0
      var compared = 0
      for entry in runs[0].blocks
      where entry["input"].bool != true && entry["resolution"].int64 == 0 {
        let name = try #require(entry["name"].string)
        let penalty = try times(of: try runs[0].block(name))
        let lossless = try times(of: try runs[1].block(name))
        #expect(penalty.keys.sorted() == lossless.keys.sorted())
        for (labels, times) in penalty {
          let ours = lossless[labels] ?? []
          #expect(zip(ours, ours.dropFirst()).allSatisfy { $0 < $1 })
          #expect(ours.count >= withoutDoubles(times, interval), "\(name) \(labels)")
          compared += 1
          if ours.count > times.count { gained += 1 }
          for (lost, nearest) in zip(times, nearestDistances(of: times, in: ours)) {
            #expect(nearest < interval, "\(name) \(labels) \(lost)")
          }
        }
      }
      #expect(compared > 0)
      #expect(gained > 0)
    }
  }

  private func withoutDoubles(_ times: [Int64], _ interval: Int64) -> Int {
    guard !times.isEmpty else { return 0 }
    return 1 + zip(times, times.dropFirst()).count { 10 * ($1 - $0) >= 9 * interval }
  }

  private func nearestDistances(of times: [Int64], in others: [Int64]) -> [Int64] {
    var next = 0
    return times.map { time in
      while next < others.count, others[next] < time { next += 1 }
      return min(
        next < others.count ? others[next] - time : .max, next > 0 ? time - others[next - 1] : .max)
    }
  }

  @Test func `overlapping chunks of every kind keep order and are samples of the replicas`() throws
  {
    var merge = OverlapMerge(.lossless)
    var compared = 0
    for item in try Golden.jsonLines("compact/dedup-pairs.jsonl.gz")
    where item["kind"].string != "aggr" {
      let id = try #require(item["id"].string)
      let streams = try (item["replicas"].array ?? []).map { replica in
        try (replica.array ?? []).map { try chunk($0) }
      }
      let merged = try merge.merge(streams)
      let times = try merged.flatMap { try self.times(of: $0) }
      #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 }, "\(id)")
      let replicas: [Set<Int64>] = try streams.map { chunks in
        Set(try chunks.flatMap { try self.times(of: $0) })
      }
      let all = replicas.reduce(into: Set<Int64>()) { $0.formUnion($1) }
      #expect(all.isSuperset(of: times), "\(id)")
      // Of the followed replica only stale markers go.
      let largest = replicas.map(\.count).max() ?? 0
      let markers = try streams.joined().reduce(0) { $0 + (try markerCount(of: $1)) }
      #expect(times.count >= largest - markers, "\(id)")
      compared += 1
    }
    #expect(compared > 0)
  }

  @Test func `aggregates are merged as with penalties`() throws {
    var compared = 0
    for item in try Golden.jsonLines("compact/dedup-pairs.jsonl.gz")
    where item["kind"].string == "aggr" && item["penalty"]["error"].isNull {
      let streams = try (item["replicas"].array ?? []).map { replica in
        try (replica.array ?? []).map { try chunk($0) }
      }
      var merges = (penalty: OverlapMerge(.penalty), lossless: OverlapMerge(.lossless))
      let (penalty, lossless) = (
        try merges.penalty.merge(streams), try merges.lossless.merge(streams)
      )
      #expect(zip(penalty, lossless).allSatisfy { $0.isDuplicate(of: $1) })
      #expect(penalty.count == lossless.count)
      compared += 1
    }
    #expect(compared > 0)
  }

  private func times(of block: BlockReader) throws -> [LabelSet: [Int64]] {
    var output: [LabelSet: [Int64]] = [:]
    for id in try block.index.allPostings() {
      var references: [LabelReference] = []
      var chunks: [ChunkSpan] = []
      try block.index.appendSeries(id, labels: &references, chunks: &chunks)
      var times: [Int64] = []
      var columns = ChunkColumns()
      for chunk in chunks {
        let segment = try block.chunks.segment(of: chunk.location)
        let record = try segment.record(at: chunk.location.offset)
        let bytes = segment.file
        try columns.decode(
          bytes.bytes, record.payload, encoding: ChunkEncoding(rawValue: record.encoding))
        times += columns.timestamps
      }
      output[try block.index.labels(references)] = times
    }
    return output
  }

  private func times(of chunk: MergeChunk) throws -> [Int64] {
    var columns = ChunkColumns()
    try chunk.decode(into: &columns)
    return columns.timestamps
  }

  private func markerCount(of chunk: MergeChunk) throws -> Int {
    var columns = ChunkColumns()
    try chunk.decode(into: &columns)
    let values = columns.kind == .floats ? columns.floats.values : columns.histograms.sums
    return values.count { $0 == SampleValue.staleMarker }
  }

  private func chunk(_ value: JSONValue) throws -> MergeChunk {
    let encodings: [String: ChunkEncoding] = [
      "xor": .xor, "hist": .histogram, "fhist": .floatHistogram,
      "aggr": .aggregate,
    ]
    return MergeChunk(
      input: 0, location: ChunkLocation(0),
      minTime: try #require(value["mint"].int64), maxTime: try #require(value["maxt"].int64),
      encoding: try #require(encodings[value["enc"].string ?? ""]), checksum: 0,
      sampleCount: try #require(value["n"].int),
      source: .bytes(try #require(value["hex"].hexBytes)))
  }
}
