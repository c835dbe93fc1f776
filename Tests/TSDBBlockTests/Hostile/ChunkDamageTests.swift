import TestSupport
import Testing

@testable import TSDBBlock

/// The data of a chunk that is damaged behind its checksum, or whose checksum was made over the
/// damage.
@Suite struct ChunkDamageTests {
  @Test(arguments: ChunkEncoding.known)
  func `every cut and every flipped bit leaves whole samples`(encoding: ChunkEncoding) throws {
    var columns = ChunkColumns()
    var broken: [String] = []
    func check(_ bytes: [UInt8], _ what: @autoclosure () -> String) {
      if let reason = brokenPromise(bytes, encoding, &columns) {
        broken.append("\(what()): \(reason)")
      }
    }
    for hasCustomBounds in [false, true] {
      let chunk = SmallChunks.payload(encoding, count: 12, hasCustomBounds: hasCustomBounds)
      check(chunk, "whole")
      forEachCut(of: chunk) { check($0, "cut at \($0.count)") }
      forEachFlip(of: chunk) { damaged, position in check(damaged, "flipped in \(position)") }
    }
    #expect(broken == [])
  }

  @Test(arguments: ChunkEncoding.known.filter { $0 != .aggregate })
  func `a cut keeps the samples before it as they were`(encoding: ChunkEncoding) throws {
    let chunk = SmallChunks.payload(encoding, count: 12)
    var whole = ChunkColumns()
    try whole.decode(chunk.rawSpan, 0..<chunk.count, encoding: encoding)
    var counts: [Int] = []
    forEachCut(of: chunk) { cut in
      var columns = ChunkColumns()
      #expect(throws: DecodeError.self) {
        try columns.decode(cut.rawSpan, 0..<cut.count, encoding: encoding)
      }
      #expect(columns.timestamps.elementsEqual(whole.timestamps.prefix(columns.count)))
      #expect(columns.floats.values.elementsEqual(whole.floats.values.prefix(columns.count)))
      #expect(
        columns.histograms.sums.elementsEqual(
          whole.histograms.sums.prefix(columns.histograms.count)))
      #expect(
        columns.histograms.buckets.elementsEqual(
          whole.histograms.buckets.prefix(columns.histograms.buckets.count)))
      counts.append(columns.count)
    }
    #expect(counts == counts.sorted() && counts.last == 11)
  }

  /// A few bytes that claim as much as they can.
  @Test(arguments: ChunkEncoding.known)
  func `what a chunk claims is not what it gets`(encoding: ChunkEncoding) {
    var columns = ChunkColumns()
    for fill: UInt8 in [0x00, 0x55, 0x7F, 0x80, 0xAA, 0xFE, 0xFF] {
      for length in [1, 2, 3, 4, 8, 16, 32, 64] {
        let claims: [[UInt8]] = [
          [UInt8](repeating: fill, count: length),
          [0xFF, 0xFF, 0x00] + [UInt8](repeating: fill, count: length),
          [0x3F, 0xFF, 0x00] + [UInt8](repeating: fill, count: length),
        ]
        for claim in claims {
          #expect(brokenPromise(claim, encoding, &columns) == nil, "\(claim)")
        }
      }
    }
  }

  /// Stale samples have no bits for their buckets, but a row of zeros in the columns.
  @Test(arguments: [256, 4096], [.histogram, .floatHistogram] as [ChunkEncoding])
  func `stale samples get no more rows than memory for four million buckets`(
    byteCount: Int, encoding: ChunkEncoding
  ) {
    var columns = HistogramColumns()
    var layout = HistogramLayout()
    layout.positiveSpans = [.init(offset: 0, length: UInt32(4 * byteCount))]
    var bits = BitWriter()
    layout.encode(to: &bits)
    bits.appendVariable(0)
    if encoding == .histogram {
      bits.appendVariable(unsigned: 0)
      bits.appendVariable(unsigned: 0)
    } else {
      bits.append(0, 64)
      bits.append(0, 64)
    }
    bits.append(SampleValue.staleMarker, 64)
    var chunk: [UInt8] = [0xFF, 0xFF, 0x00]
    bits.copy(appendingTo: &chunk)
    chunk += [UInt8](repeating: 0, count: byteCount)
    #expect(throws: DecodeError.truncated) {
      try HistogramDecoder.decode(chunk.rawSpan, encoding: encoding, into: &columns)
    }
    #expect(columns.count > 16 && columns.isStale(at: columns.count - 1))
    #expect(columns.bucketCount == 4 * byteCount)
    #expect(columns.buckets.count <= (1 << 22) + columns.bucketCount)
  }

  /// Decodes and says what is wrong with what came out, if anything; errors are fine.
  private func brokenPromise(
    _ bytes: [UInt8], _ encoding: ChunkEncoding, _ columns: inout ChunkColumns
  ) -> String? {
    guard encoding == .aggregate else {
      return brokenPromise(bytes, 0..<bytes.count, encoding, &columns)
    }
    guard let aggregates = try? AggregateChunk(bytes.rawSpan) else { return nil }
    for kind in AggregateChunk.Kind.allCases {
      guard let part = aggregates[kind] else { continue }
      guard part.range.upperBound <= bytes.count else { return "\(kind) leaves the chunk" }
      if let reason = brokenPromise(bytes, part.range, part.encoding, &columns) {
        return "\(kind): \(reason)"
      }
    }
    return nil
  }

  private func brokenPromise(
    _ bytes: [UInt8], _ range: Range<Int>, _ encoding: ChunkEncoding, _ columns: inout ChunkColumns
  ) -> String? {
    let stated = try? encoding.sampleCount(of: bytes.rawSpan.extracting(range))
    do throws(DecodeError) {
      try columns.decode(bytes.rawSpan, range, encoding: encoding)
      if stated != columns.count { return "\(columns.count) samples, stated are \(stated ?? -1)" }
    } catch {}
    // The cheapest sample takes one bit.
    guard columns.count <= 8 * range.count else { return "\(columns.count) samples" }
    let floats = columns.floats
    guard floats.values.count == floats.count else { return "floats of unequal columns" }
    guard floats.starts.isEmpty || floats.starts.count == floats.count else {
      return "floats with \(floats.starts.count) starts"
    }
    return brokenPromise(columns.histograms, range.count)
  }

  private func brokenPromise(_ columns: HistogramColumns, _ byteCount: Int) -> String? {
    let count = columns.count
    guard columns.bucketCount <= 8 * byteCount else { return "\(columns.bucketCount) buckets" }
    guard columns.layout.customBounds.count <= 8 * byteCount else { return "too many bounds" }
    guard
      columns.counts.count == count, columns.zeroCounts.count == count,
      columns.sums.count == count, columns.buckets.count == count * columns.bucketCount,
      columns.starts.isEmpty || columns.starts.count == count
    else { return "histograms of unequal columns" }
    return nil
  }
}
