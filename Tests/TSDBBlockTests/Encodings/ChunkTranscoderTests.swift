internal import TestSupport
internal import Testing

@testable internal import TSDBBlock

@Suite struct ChunkTranscoderTests {
  /// Every golden chunk that is no aggregate.
  private func chunks() throws -> [(name: String, encoding: ChunkEncoding, bytes: [UInt8])] {
    try Golden.jsonLines("format/chunks.jsonl.gz").compactMap { chunk in
      let encoding = ChunkEncoding(rawValue: UInt8(try #require(chunk["enc"].int)))
      // The largest ones would take most of the time and show nothing more.
      guard encoding != .aggregate, let count = chunk["count"].int, count < 2000 else { return nil }
      return (
        try #require(chunk["name"].string), encoding, try #require(chunk["hex"].hexBytes)
      )
    }
  }

  @Test func `a chunk of an encoding since 3.11 becomes one that every reader knows`() throws {
    var transcoder = ChunkTranscoder()
    var before = ChunkColumns()
    var after = ChunkColumns()
    var rewritten = 0
    for (name, encoding, bytes) in try chunks() {
      var plain: [UInt8] = [1, 2, 3]
      let result = try transcoder.appendPlain(
        bytes.span.bytes, 0..<bytes.count, encoding: encoding, to: &plain)
      #expect(plain.prefix(3) == [1, 2, 3])
      #expect(result.rawValue <= 3)
      if result == encoding {
        #expect(plain.dropFirst(3).elementsEqual(bytes), "\(name)")
        continue
      }
      rewritten += 1
      try before.decode(bytes.span.bytes, 0..<bytes.count, encoding: encoding)
      try after.decode(plain.span.bytes, 3..<plain.count, encoding: result)
      var expected = before
      expected.floats.starts = []
      expected.histograms.starts = []
      #expect(after.kind == expected.kind)
      #expect(after.floats == expected.floats, "\(name)")
      #expect(after.histograms == expected.histograms, "\(name)")
    }
    #expect(rewritten > 0)
  }

  @Test func `removing samples leaves the others as they were`() throws {
    var transcoder = ChunkTranscoder()
    var before = ChunkColumns()
    var after = ChunkColumns()
    for (name, encoding, bytes) in try chunks() {
      try before.decode(bytes.span.bytes, 0..<bytes.count, encoding: encoding)
      let times = before.timestamps
      guard times.count > 2 else { continue }
      let middle = times[times.count / 3]
      let deleted = middle...max(middle, times[times.count / 2])
      let left = try transcoder.removing([deleted], from: bytes.span.bytes, encoding: encoding)
      let kept = times.filter { !deleted.contains($0) }
      guard let left else {
        #expect(kept.isEmpty, "\(name)")
        continue
      }
      #expect(left.timestamps == kept, "\(name)")
      try after.decode(left.payload.span.bytes, 0..<left.payload.count, encoding: encoding)
      #expect(
        lines(of: after) == lines(of: before).filter { !deleted.contains($0.time) }, "\(name)")
      let isGauge = before.kind != .floats && before.histograms.resetHeader == .gauge
      if before.kind != .floats {
        #expect(after.histograms.resetHeader == (isGauge ? .gauge : .unknown), "\(name)")
      }
    }
  }

  @Test func `removing everything leaves no chunk`() throws {
    var transcoder = ChunkTranscoder()
    let chunk = try #require(try chunks().first { $0.encoding == .xor })
    let left = try transcoder.removing(
      [Int64.min...Int64.max], from: chunk.bytes.span.bytes, encoding: chunk.encoding)
    #expect(left == nil)
  }

  @Test func `nothing can be removed from aggregates`() throws {
    var transcoder = ChunkTranscoder()
    #expect(throws: DecodeError.unsupported) {
      _ = try transcoder.removing([0...1], from: [0].span.bytes, encoding: .aggregate)
    }
  }

  private struct Line: Equatable {
    var time: Int64
    var text: String
  }

  private func lines(of columns: ChunkColumns) -> [Line] {
    (0..<columns.count).map { index in
      let time = columns.timestamps[index]
      guard columns.kind == .floats else {
        return Line(time: time, text: canonicalHistogramLine(columns.histograms, at: index))
      }
      let samples = columns.floats
      return Line(
        time: time,
        text: canonicalLine(
          st: samples.starts.isEmpty ? 0 : samples.starts[index], time: time,
          bits: samples.values[index]))
    }
  }
}
