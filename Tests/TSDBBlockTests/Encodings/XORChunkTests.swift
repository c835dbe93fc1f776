internal import TSDBBlock
internal import TestSupport
internal import Testing

@Suite struct `XOR chunks` {
  @Test func `two samples are written as computed by hand`() {
    var encoder = XOREncoder()
    encoder.append(timestamp: 1000, valueBits: (1.0).bitPattern)
    encoder.append(timestamp: 1015, valueBits: (2.0).bitPattern)
    // Count 2; 1000 zig-zagged is 2000 = D0 0F; 1.0 = 3FF0…; the distance 15.
    // 3FF0… ^ 4000… = 7FF0…: 1 leading zero, 52 trailing, 11 bits of ones:
    // 11 00001 001011 11111111111 = 11000010 01011111 11111111
    let expected: [UInt8] = [
      0x00, 0x02, 0xD0, 0x0F, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0, 0x0F, 0xC2, 0x5F, 0xFF,
    ]
    #expect(encoder.finish() == expected)
    #expect(encoder.count == 0)
  }

  @Test func `a chunk without samples decodes to nothing`() throws {
    var columns = SampleColumns()
    try XORDecoder.decode(XOREncoder.emptyChunk.span.bytes, into: &columns)
    #expect(columns.isEmpty)
  }

  @Test(arguments: 0..<40)
  func `random samples survive the way there and back`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let samples = makeSamples(count: Int.random(in: 1...400, using: &random), &random)
    var columns = SampleColumns()
    try XORDecoder.decode(encode(samples).span.bytes, into: &columns)
    #expect(columns == samples)
  }

  @Test func `the largest chunk counts 65535 samples`() throws {
    var samples = SampleColumns()
    for index in 0..<XOREncoder.maxSampleCount {
      samples.append(timestamp: Int64(index) * 15_000, valueBits: UInt64(index / 1000))
    }
    var columns = SampleColumns()
    try XORDecoder.decode(encode(samples).span.bytes, into: &columns)
    #expect(columns == samples)
  }

  @Test func `decoding appends to what the columns hold`() throws {
    var random = SeededRandom(seed: 7)
    let first = makeSamples(count: 10, &random)
    let second = makeSamples(count: 20, &random)
    var columns = SampleColumns()
    try XORDecoder.decode(encode(first).span.bytes, into: &columns)
    try XORDecoder.decode(encode(second).span.bytes, into: &columns)
    #expect(columns.timestamps == first.timestamps + second.timestamps)
    #expect(columns.values == first.values + second.values)
  }

  @Test func `start times stay as long as the other columns when encodings mix`() throws {
    var random = SeededRandom(seed: 9)
    let bytes = encode(makeSamples(count: 5, &random))
    // One sample at 0 with the value 0 and no start time.
    let xor2: [UInt8] = [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    var columns = SampleColumns()
    try XORDecoder.decode(bytes.span.bytes, into: &columns)
    #expect(columns.starts.isEmpty)
    try XOR2Decoder.decode(xor2.span.bytes, into: &columns)
    #expect(columns.starts.count == 6)
    try XORDecoder.decode(bytes.span.bytes, into: &columns)
    #expect(columns.starts.count == 11)
    #expect(columns.timestamps.count == 11)
  }

  @Test func `bytes behind the last sample are ignored`() throws {
    var random = SeededRandom(seed: 8)
    let samples = makeSamples(count: 10, &random)
    var columns = SampleColumns()
    try XORDecoder.decode((encode(samples) + [0]).span.bytes, into: &columns)
    #expect(columns == samples)
  }

  @Test(arguments: 0..<6)
  func `a chunk cut anywhere yields its first samples and says so`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let samples = makeSamples(count: 60, &random)
    let bytes = encode(samples)
    var columns = SampleColumns()
    for length in 0..<bytes.count {
      columns.removeAll()
      #expect(throws: DecodeError.truncated) {
        try XORDecoder.decode(Array(bytes[..<length]).span.bytes, into: &columns)
      }
      #expect(columns.timestamps.elementsEqual(samples.timestamps.prefix(columns.count)))
      #expect(columns.values.elementsEqual(samples.values.prefix(columns.count)))
      columns.removeAll()
      // The same when the bytes that were cut off still follow.
      #expect(throws: DecodeError.truncated) {
        try XORDecoder.decode(bytes.span.bytes, 0..<length, into: &columns)
      }
      #expect(columns.timestamps.elementsEqual(samples.timestamps.prefix(columns.count)))
    }
  }

  @Test(arguments: 0..<6)
  func `a flipped bit yields samples or an error`(seed: UInt64) throws {
    var random = SeededRandom(seed: 100 + seed)
    var bytes = encode(makeSamples(count: 40, &random))
    var columns = SampleColumns()
    for bit in 0..<bytes.count * 8 {
      bytes[bit / 8] ^= 0x80 >> UInt8(bit % 8)
      columns.removeAll()
      try? XORDecoder.decode(bytes.span.bytes, into: &columns)
      #expect(columns.timestamps.count == columns.values.count)
      #expect(columns.count <= 2 + bytes.count * 4)
      bytes[bit / 8] ^= 0x80 >> UInt8(bit % 8)
    }
  }

  @Test func `a count alone takes no memory`() {
    var columns = SampleColumns()
    // 65535 samples promised, two delivered.
    let bytes: [UInt8] = [0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15, 0]
    #expect(throws: DecodeError.truncated) {
      try XORDecoder.decode(bytes.span.bytes, into: &columns)
    }
    // Seven bits are left behind the second sample: three samples.
    #expect(columns.count == 5)
    #expect(columns.timestamps.capacity < 100)
  }

  @Test func `a window wider than a value is malformed`() {
    // The second value says 31 leading zeros and 63 bits: 11 11111 111111.
    let bytes: [UInt8] = [0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15, 0xFF, 0xF8, 0, 0, 0, 0, 0, 0, 0, 0]
    var columns = SampleColumns()
    #expect(throws: DecodeError.malformed) {
      try XORDecoder.decode(bytes.span.bytes, into: &columns)
    }
    #expect(columns.count == 1)
  }

  @Test(arguments: 0..<20)
  func `columns encode to the bytes of their samples one by one`(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    var encoder = XOREncoder()
    for count in [0, 1, 2, 3, 57, 400] {
      let samples = makeSamples(count: count, &random)
      let expected = encode(samples)
      var encoded: [UInt8] = [7]
      encoder.encode(samples.timestamps.span, samples.values.span, appendingTo: &encoded)
      #expect(encoded == [7] + expected)

      let cut = Int.random(in: 0...count, using: &random)
      encoder.append(
        samples.timestamps.span.extracting(..<cut), samples.values.span.extracting(..<cut))
      #expect(encoder.count == cut)
      encoder.append(
        samples.timestamps.span.extracting(cut...), samples.values.span.extracting(cut...))
      #expect(encoder.finish() == expected)
    }
  }

  private func encode(_ samples: SampleColumns) -> [UInt8] {
    var encoder = XOREncoder()
    for (time, value) in zip(samples.timestamps, samples.values) {
      encoder.append(timestamp: time, valueBits: value)
    }
    return encoder.finish()
  }

  /// Runs, counters, jitter, jumps of every size and arbitrary bits, mixed.
  private func makeSamples(count: Int, _ random: inout SeededRandom) -> SampleColumns {
    var samples = SampleColumns()
    var time = Int64.random(in: -1_000_000...2_000_000_000_000, using: &random)
    var value = Double.random(in: 0...100, using: &random)
    let kind = Int.random(in: 0..<4, using: &random)
    for _ in 0..<count {
      switch Int.random(in: 0..<20, using: &random) {
      case 0: time &+= Int64(bitPattern: random.next())
      case 1: time &+= Int64.random(in: -600_000...600_000, using: &random)
      case 2: value = Double(bitPattern: random.next())
      case 3, 4: time &+= 15_000 + Int64.random(in: -200...200, using: &random)
      default: time &+= 15_000
      }
      switch kind {
      case 0: break
      case 1: value += 1
      case 2: value += Double.random(in: -1...1, using: &random)
      default: value = Bool.random(using: &random) ? value : value + 0.5
      }
      samples.append(timestamp: time, valueBits: value.bitPattern)
    }
    return samples
  }
}

extension XOREncoder {
  fileprivate static let emptyChunk: [UInt8] = [0, 0]
}
