internal import TSDBBlock

/// Decoding and encoding of XOR chunks of 120 samples, 15 s apart, one core.
func xorBenchmarks() throws -> [Measurement] {
  var results: [Measurement] = []
  for shape in SeriesShape.all {
    var random = SplitMix(state: 42)
    let chunks = ChunkSet(shape: shape, chunkCount: 2_000, &random)
    var columns = SampleColumns()
    results.append(
      try measure("XOR decode, \(shape.name)", unit: "sample", unitsPerRound: chunks.sampleCount) {
        var check: UInt64 = 0
        for range in chunks.ranges {
          columns.removeAll()
          try XORDecoder.decode(chunks.bytes.span.bytes, range, into: &columns)
          check &+= columns.values[columns.count - 1]
        }
        return check
      })
    // All chunks and not one again and again: a processor learns the branches of one by heart.
    columns.removeAll()
    for range in chunks.ranges {
      try XORDecoder.decode(chunks.bytes.span.bytes, range, into: &columns)
    }
    let (timestamps, values) = (columns.timestamps, columns.values)
    var encoder = XOREncoder()
    var output: [UInt8] = []
    results.append(
      measure("XOR encode, \(shape.name)", unit: "sample", unitsPerRound: chunks.sampleCount) {
        output.removeAll(keepingCapacity: true)
        let (times, bits) = (timestamps.span, values.span)
        for start in stride(from: 0, to: times.count, by: 120) {
          encoder.encode(
            times.extracting(start..<start + 120), bits.extracting(start..<start + 120),
            appendingTo: &output)
        }
        return UInt64(output.count)
      })
  }
  return results
}

/// Many chunks of one shape, one after the other as in a segment.
private struct ChunkSet {
  var bytes: [UInt8] = []
  var ranges: [Range<Int>] = []
  var sampleCount = 0

  init(shape: SeriesShape, chunkCount: Int, _ random: inout SplitMix) {
    var encoder = XOREncoder()
    for _ in 0..<chunkCount {
      var time: Int64 = 1_700_000_000_000
      var value = Double(random.next() % 1_000)
      for _ in 0..<120 {
        shape.step(&time, &value, &random)
        encoder.append(timestamp: time, valueBits: value.bitPattern)
      }
      let start = bytes.count
      encoder.finish(appendingTo: &bytes)
      ranges.append(start..<bytes.count)
      sampleCount += 120
    }
    bytes += [UInt8](repeating: 0, count: 8)
  }
}

/// How the next sample follows from the last one.
private struct SeriesShape: Sendable {
  var name: String
  var step: @Sendable (inout Int64, inout Double, inout SplitMix) -> Void

  static let all = [
    SeriesShape(name: "constant") { time, _, _ in time += 15_000 },
    SeriesShape(name: "integer counter") { time, value, random in
      time += 15_000
      value += Double(random.next() % 10)
    },
    SeriesShape(name: "jittery gauge") { time, value, random in
      time += 15_000 + Int64(random.next() % 21) - 10
      if random.next() % 4 == 0 { value += Double(Int(random.next() % 101) - 50) / 4 }
    },
    SeriesShape(name: "jittery random mantissa") { time, value, random in
      time += 15_000 + Int64(random.next() % 21) - 10
      value = Double(random.next() >> 11) / Double(1 << 53)
    },
    SeriesShape(name: "random mantissa") { time, value, random in
      time += 15_000
      value = Double(random.next() >> 11) / Double(1 << 53)
    },
  ]
}

/// SplitMix64, for the same data in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
