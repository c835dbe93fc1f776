internal import TestSupport
internal import Testing

@testable internal import TSDBBlock

@Suite struct `Times of XOR chunks, read without their values` {
  @Test func `are those that decoding finds, also in damaged chunks and side by side`() {
    var random = SeededRandom(seed: 11)
    var (sound, unsound) = (0, 0)
    for _ in 0..<4_000 {
      let segment = Self.segment(&random)
      let expected = segment.ranges.map { Self.decodedBounds(segment.bytes, $0) }
      let alone = segment.ranges.map { XORTimes.bounds(segment.bytes.rawSpan, $0) }
      let together = XORTimes.bounds(segment.bytes.rawSpan, segment.ranges[0], segment.ranges[1])
      #expect(alone == expected)
      #expect([together.left, together.right] == expected)
      for bounds in expected { if bounds == nil { unsound += 1 } else { sound += 1 } }
    }
    #expect(sound > 2_000)
    #expect(unsound > 500)
  }

  @Test func `are left to the decoder at the end of a file`() {
    var encoder = XOREncoder()
    for time in 0..<10 as Range<Int64> { encoder.append(timestamp: time * 15_000, valueBits: 7) }
    let payload = encoder.finish()
    #expect(XORTimes.bounds(payload.rawSpan, 0..<payload.count) == nil)
    let padded = payload + [UInt8](repeating: 0xFF, count: 28)
    #expect(XORTimes.bounds(padded.rawSpan, 0..<payload.count) == 0...135_000)
  }

  @Test func `are nil for a range outside the bytes`() {
    let bytes = [UInt8](repeating: 0xFF, count: 40)
    #expect(XORTimes.bounds(bytes.rawSpan, 30..<50) == nil)
    #expect(XORTimes.bounds(bytes.rawSpan, 0..<0) == nil)
  }

  /// Two chunks, some damaged, with room behind them.
  private static func segment(
    _ random: inout SeededRandom
  ) -> (bytes: [UInt8], ranges: [Range<Int>]) {
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    for _ in 0..<2 {
      var payload = chunk(&random)
      if Int.random(in: 0..<4, using: &random) == 0 {
        let place = Int.random(in: 0..<payload.count, using: &random)
        payload[place] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
      }
      if Int.random(in: 0..<8, using: &random) == 0 {
        payload.removeLast(Int.random(in: 1...payload.count, using: &random))
      }
      ranges.append(bytes.count..<bytes.count + payload.count)
      bytes += payload
    }
    bytes += (0..<28).map { _ in UInt8.random(in: 0...255, using: &random) }
    return (bytes, ranges)
  }

  private static func chunk(_ random: inout SeededRandom) -> [UInt8] {
    var encoder = XOREncoder()
    var time = Int64.random(in: -1_000_000...1_000_000, using: &random)
    var value = Double(Int.random(in: 0..<1_000, using: &random))
    let steps: [Int64] = [0, 1, 3, 70_000, 900_000, 1 << 40, .max]
    let jitter = steps[Int.random(in: 0..<steps.count, using: &random)]
    for _ in 0..<Int.random(in: 1...130, using: &random) {
      encoder.append(timestamp: time, valueBits: value.bitPattern)
      let isRare = Int.random(in: 0..<8, using: &random) == 0
      time &+= 15_000 &+ (isRare ? Int64.random(in: -jitter...jitter, using: &random) : 0)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: value = Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &random))
      case 1: value += 1
      default: break
      }
    }
    return encoder.finish()
  }

  /// What the walk must find: nil unless all samples decode and increase in time.
  private static func decodedBounds(_ bytes: [UInt8], _ range: Range<Int>) -> ClosedRange<Int64>? {
    var columns = SampleColumns()
    guard (try? XORDecoder.decode(bytes.rawSpan, range, into: &columns)) != nil,
      let first = columns.timestamps.first, let last = columns.timestamps.last,
      zip(columns.timestamps, columns.timestamps.dropFirst()).allSatisfy({ $0 < $1 })
    else { return nil }
    return first...last
  }
}
