import TSDBBlock
import TestSupport
import Testing

/// Integer histograms whose buckets change by numbers of every size, next to each other.
@Suite struct HistogramBucketTests {
  /// The largest and smallest number of each size, and those beside them.
  private static let shortChanges: [Int64] = [0, 1, -1, 4, -3, 5, -4, 32, -31, 33, -32, 256, -255]
  private static let longChanges: [Int64] = [
    257, -256, 2048, -2047, 2049, -2048, 131_072, -131_071, 131_073, -131_072, 16_777_216,
    -16_777_215, 16_777_217, 1 << 55, 1 - 1 << 55, 1 << 55 + 1, .max, .min,
  ]

  /// Samples with as many buckets, one change in `rarity` of them long, or none for 0.
  private func columns(
    positive: Int, negative: Int, rarity: UInt64, count: Int, _ random: inout SeededRandom
  ) -> HistogramColumns {
    let width = positive + negative
    var columns = HistogramColumns()
    if positive > 0 { columns.layout.positiveSpans = [.init(offset: 0, length: UInt32(positive))] }
    if negative > 0 { columns.layout.negativeSpans = [.init(offset: 0, length: UInt32(negative))] }
    for index in 0..<count {
      columns.timestamps.append(Int64(index) * 15_000)
      columns.counts.append(random.next() % 5_000)
      columns.zeroCounts.append(random.next() % 3)
      columns.sums.append(Double(random.next() % 10_000).bitPattern)
      var change: Int64 = 0
      for bucket in 0..<width {
        if bucket == positive { change = 0 }
        let isLong = rarity > 0 && random.next() % rarity == 0
        change &+= (isLong ? Self.longChanges : Self.shortChanges).randomElement(using: &random)!
        func earlier(_ rows: Int) -> UInt64 {
          columns.buckets[max(index - rows, 0) * width + bucket]
        }
        let expected = index == 0 ? 0 : earlier(1) &* 2 &- earlier(2)
        columns.buckets.append(expected &+ UInt64(bitPattern: change))
      }
    }
    return columns
  }

  @Test(arguments: [0, 1, 2, 5, 30] as [UInt64])
  func `buckets with changes of all sizes come back`(rarity: UInt64) throws {
    var random = SeededRandom(seed: 77 + rarity)
    var encoder = HistogramEncoder()
    var decoded = HistogramColumns()
    for round in 0..<400 {
      let (positive, negative) = (round % 20, round / 20)
      let written = columns(
        positive: positive, negative: negative, rarity: rarity, count: 6, &random)
      var bytes: [UInt8] = []
      encoder.encode(written, 0..<written.count, encoding: .histogram, appendingTo: &bytes)
      // With and without other chunks behind it.
      for behind in [0, 1, 40, 5_000] {
        let file = bytes + [UInt8](repeating: 0xD7, count: behind)
        try HistogramDecoder.decode(
          file.span.bytes, 0..<bytes.count, encoding: .histogram, into: &decoded)
        #expect(decoded == written, "\(positive) and \(negative) buckets, \(behind) bytes behind")
      }
    }
  }

  @Test func `a cut chunk yields its whole samples whatever follows it`() throws {
    var random = SeededRandom(seed: 5)
    var encoder = HistogramEncoder()
    var decoded = HistogramColumns()
    let written = columns(positive: 9, negative: 6, rarity: 9, count: 12, &random)
    var bytes: [UInt8] = []
    encoder.encode(written, 0..<written.count, encoding: .histogram, appendingTo: &bytes)
    var longest = 0
    for length in 0..<bytes.count {
      let file = bytes.prefix(length) + [UInt8](repeating: 0x3B, count: 2_000)
      #expect(throws: DecodeError.self) {
        try HistogramDecoder.decode(
          Array(file).span.bytes, 0..<length, encoding: .histogram, into: &decoded)
      }
      #expect(decoded.timestamps == Array(written.timestamps.prefix(decoded.count)))
      #expect(decoded.buckets == Array(written.buckets.prefix(decoded.count * 15)))
      #expect(decoded.count >= longest)
      longest = decoded.count
    }
    #expect(longest == 11)
  }
}
