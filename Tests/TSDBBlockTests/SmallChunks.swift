import TestSupport
import Testing

@testable import TSDBBlock

/// Chunks of every encoding with a little of everything: values that change and do not, irregular
/// times, a stale marker, start times where the encoding has them.
enum SmallChunks {
  /// The bytes of a chunk with `count` samples, for ``ChunkEncoding/aggregate`` with a few more in
  /// each aggregate.
  static func payload(
    _ encoding: ChunkEncoding, count: Int, hasCustomBounds: Bool = false
  ) -> [UInt8] {
    var random = SeededRandom(seed: UInt64(encoding.rawValue))
    var bytes: [UInt8] = []
    var encoder = ChunkEncoder()
    switch encoding {
    case .xor:
      encoder.encode(floats(count, &random), 0..<count, appendingTo: &bytes)
    case .xor2:
      ChunkEncoder.encodeXOR2(floats(count, &random), 0..<count, appendingTo: &bytes)
    case .aggregate:
      var builder = AggregateChunkBuilder()
      for kind in AggregateChunk.Kind.allCases {
        builder[kind] = (.xor, payload(.xor, count: count + kind.rawValue))
      }
      bytes = builder.encoded()
    default:
      let isFloat = encoding == .floatHistogram || encoding == .floatHistogramST
      var columns = histograms(count, isFloat: isFloat, &random)
      if hasCustomBounds {
        columns.layout.schema = HistogramLayout.customSchema
        // One bound in thousandths, the others as doubles.
        columns.layout.customBounds = [0.125, 0.1 + 0.2, 1e9, -.infinity].map(\.bitPattern)
      }
      encoder.encode(columns, 0..<count, encoding: encoding, appendingTo: &bytes)
    }
    return bytes
  }

  private static func floats(_ count: Int, _ random: inout SeededRandom) -> SampleColumns {
    var columns = SampleColumns()
    var value = 1.5
    for index in 0..<count {
      if Bool.random(using: &random) { value += Double(Int.random(in: -3...9, using: &random)) }
      let isStale = index == count / 2
      columns.append(
        timestamp: time(index, &random),
        valueBits: isStale ? SampleValue.staleMarker : value.bitPattern,
        start: index < count / 3 ? 0 : 1_600_000_000_000)
    }
    return columns
  }

  /// Two positive spans and a negative one; the last sample is stale.
  private static func histograms(
    _ count: Int, isFloat: Bool, _ random: inout SeededRandom
  ) -> HistogramColumns {
    var columns = HistogramColumns()
    columns.isFloat = isFloat
    columns.resetHeader = .notReset
    columns.layout.schema = 3
    columns.layout.zeroThreshold = 0.001.bitPattern
    columns.layout.positiveSpans = [.init(offset: -2, length: 3), .init(offset: 4, length: 2)]
    columns.layout.negativeSpans = [.init(offset: 1, length: 1)]
    var buckets = [Int](repeating: 10, count: columns.bucketCount)
    func bits(_ number: Int) -> UInt64 { isFloat ? Double(number).bitPattern : UInt64(number) }
    for index in 0..<count {
      for bucket in buckets.indices { buckets[bucket] += Int.random(in: 0...4, using: &random) }
      let isStale = index == count - 1
      let row = isStale ? buckets.map { _ in 0 } : buckets
      columns.timestamps.append(time(index, &random))
      columns.starts.append(index < count / 3 ? 0 : 1_600_000_000_000)
      columns.counts.append(bits(row.reduce(0, +)))
      columns.zeroCounts.append(bits(isStale ? 0 : index))
      columns.sums.append(isStale ? SampleValue.staleMarker : Double(index * 7).bitPattern)
      columns.buckets += row.map(bits)
    }
    return columns
  }

  private static func time(_ index: Int, _ random: inout SeededRandom) -> Int64 {
    1_700_000_000_000 + Int64(index) * 15_000 + Int64.random(in: 0...2, using: &random)
  }
}
