import Snappy
import TSDBBlock
import TestSupport
import Testing

@testable import IndexCache

@Suite struct PostingsCodecTests {
  /// Ids of which many share a pattern, so that snappy has something to do, or none.
  private func ids(_ count: Int, steps: ClosedRange<UInt32>, seed: UInt64) -> [UInt32] {
    var random = SeededRandom(seed: seed)
    var last: UInt32 = 0
    return (0..<count).map { _ in
      last += UInt32.random(in: steps, using: &random)
      return last
    }
  }

  private func append(_ content: [UInt8], to value: inout [UInt8]) {
    SnappyFrames.append(content.rawSpan, to: &value)
  }

  private func decoded(_ value: [UInt8], limit: Int = .max) throws -> [UInt32] {
    var ids: [UInt32] = [9, 9]
    try PostingsCodec.decode(value, into: &ids, limit: limit)
    return ids
  }

  private func error(_ value: [UInt8], limit: Int = .max) -> PostingsCodecError? {
    do {
      _ = try decoded(value, limit: limit)
      return nil
    } catch {
      return error as? PostingsCodecError
    }
  }

  @Test(
    arguments: [
      (0, 0...0), (1, 7...7), (65_530, 1...1), (65_536, 0...0), (65_537, 1...1), (200_000, 1...1),
      (50_000, 1...70_000), (70_000, 100...200), (30_000, 0...3),
    ] as [(Int, ClosedRange<UInt32>)])
  func `what is encoded is decoded`(count: Int, steps: ClosedRange<UInt32>) throws {
    let list = ids(count, steps: steps, seed: UInt64(count))
    #expect(try decoded(PostingsCodec.encode(list)) == list)
  }

  @Test func `regular lists become small, and irregular ones hardly larger than their deltas`() {
    #expect(PostingsCodec.encode(ids(100_000, steps: 3...3, seed: 1)).count < 6000)
    let irregular = PostingsCodec.encode(ids(60_000, steps: 0...127, seed: 2))
    #expect(irregular.count <= 60_000 + 3 + 10 + 8)
  }

  @Test func `no chunk holds more than 64 KiB`() throws {
    let value = PostingsCodec.encode(ids(300_000, steps: 1...9000, seed: 3))
    var frames = SnappyFrames(at: 3)
    var count = 0
    while let frame = try frames.next(in: value.rawSpan) {
      #expect(!frame.isCompressed || frame.content.count < 1 << 16)
      #expect(frame.isCompressed || frame.content.count <= 1 << 16)
      count += 1
    }
    #expect(count > 5)
  }

  @Test func `a number may begin in one chunk and end in the next`() throws {
    var value = Array("dss".utf8) + SnappyFrames.identifier
    append([0xE5], to: &value)
    append([], to: &value)
    append([0x07, 0x01], to: &value)
    #expect(try decoded(value) == [997, 998])
  }

  @Test func `repeated identifiers are passed over`() throws {
    var value = Array("dss".utf8) + SnappyFrames.identifier
    append([5], to: &value)
    value += SnappyFrames.identifier
    append([1], to: &value)
    #expect(try decoded(value) == [5, 6])
  }

  @Test func `lists as they stand in an index are read, with bytes behind them`() throws {
    #expect(try decoded([0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 1, 0]) == [7, 256])
    #expect(try decoded([0, 0, 0, 1, 0, 0, 0, 7, 0xAB, 0xCD]) == [7])
    #expect(try decoded([0, 0, 0, 0]) == [])
  }

  @Test func `memory of the array is used again`() throws {
    var ids: [UInt32] = []
    ids.reserveCapacity(1000)
    let before = ids.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    try PostingsCodec.decode(PostingsCodec.encode(Array(0..<900)), into: &ids)
    let after = ids.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    #expect(ids.count == 900)
    #expect(before == after)
  }

  // MARK: - Damage

  @Test func `a cut value is an error wherever the cut is not between chunks`() throws {
    var value = Array("dss".utf8) + SnappyFrames.identifier
    var ends: Set<Int> = [3]
    for content in [[5, 1, 0xE5, 7], [UInt8](repeating: 1, count: 100)] as [[UInt8]] {
      append(content, to: &value)
      ends.insert(value.count)
    }
    let whole = try decoded(value)
    for length in 0..<value.count {
      let cut = Array(value[..<length])
      if ends.contains(length) {
        #expect(whole.starts(with: try decoded(cut)))
      } else {
        #expect(error(cut) != nil, "\(length)")
      }
    }
  }

  @Test func `no flipped bit goes unnoticed`() throws {
    let list = ids(400, steps: 0...3, seed: 5)
    let value = PostingsCodec.encode(list)
    for position in 3..<value.count {
      for bit in 0..<8 {
        var damaged = value
        damaged[position] ^= 1 << UInt8(bit)
        // A copy from elsewhere may find the same bytes; anything else is told by the checksum.
        var decoded: [UInt32] = [1]
        do {
          try PostingsCodec.decode(damaged, into: &decoded)
          #expect(decoded == list)
        } catch {
          #expect(decoded.isEmpty)
        }
      }
    }
  }

  @Test func `blocks and plain lists with flipped bits and cuts are read or refused`() throws {
    let values: [[UInt8]] = [
      try #require(hexBytes("64767304000101019507")), [0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 1, 0],
    ]
    for value in values {
      for position in value.indices {
        _ = error(Array(value[..<position]))
        for bit in 0..<8 {
          var damaged = value
          damaged[position] ^= 1 << UInt8(bit)
          let ids = (try? decoded(damaged)) ?? []
          #expect(zip(ids, ids.dropFirst()).filter { $0 > $1 }.isEmpty)
        }
      }
    }
  }

  @Test(
    arguments: [
      // Chunks that must not be skipped, and those that others may skip.
      ("02000000", PostingsCodecError.Reason.unsupported), ("7f000000", .unsupported),
      ("80000000", .unsupported), ("fe000000", .unsupported),
      ("00030000aabbcc", .truncated), ("0105000000000000", .truncated),
      ("ff060000734e61507058", .malformed), ("0005000000000000ff", .malformed),
      ("010500000000000001", .checksum),
    ] as [(String, PostingsCodecError.Reason)])
  func `a damaged chunk is named`(chunk: String, reason: PostingsCodecError.Reason) throws {
    let value = Array("dss".utf8) + SnappyFrames.identifier + (try #require(hexBytes(chunk)))
    #expect(error(value) == PostingsCodecError(reason: reason, offset: 13))
  }

  @Test func `a stream must begin with its identifier`() {
    var value = Array("dss".utf8)
    append([5], to: &value)
    #expect(error(value) == PostingsCodecError(reason: .malformed, offset: 3))
  }

  @Test(
    arguments: [
      // Beyond 32 bits at once, by a sum, by a varint of six bytes.
      [0xFF, 0xFF, 0xFF, 0xFF, 0x1F], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x01],
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
    ] as [[UInt8]])
  func `ids beyond 32 bits are refused`(deltas: [UInt8]) {
    var value = Array("dss".utf8) + SnappyFrames.identifier
    append(deltas, to: &value)
    #expect(error(value)?.reason == .order)
  }

  @Test func `falling ids are refused, encoded by us or as in an index`() {
    #expect(error(PostingsCodec.encode([5, 3]))?.reason == .order)
    #expect(error([0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 6])?.reason == .order)
  }

  @Test func `more series than the caller can use are refused`() throws {
    let value = PostingsCodec.encode([1, 2, 3])
    #expect(try decoded(value, limit: 3) == [1, 2, 3])
    #expect(error(value, limit: 2)?.reason == .tooLong)
    #expect(error([0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2], limit: 1)?.reason == .tooLong)
    #expect(error(value, limit: 0)?.reason == .tooLong)
  }

  @Test(arguments: [
    // A block that claims 4 GiB, one that claims the most its bytes can yield, a list of 2^32 ids,
    // a chunk of more than 64 KiB.
    "647676ffffffff0f00", "647673ffffffff0f00", "647673ffffffff0f", "ffffffff00000001",
    "647373ff060000734e61507059000a000000000000ffffffff0f00", "647373",
    "647376", "6473", "64", "",
  ])
  func `a claimed size takes no memory`(hex: String) throws {
    let value = try #require(hexBytes(hex))
    var ids: [UInt32] = []
    do {
      try PostingsCodec.decode(value, into: &ids)
    } catch {
      #expect(!error.description.contains("\n"))
    }
    #expect(ids.isEmpty)
    #expect(ids.capacity < 1000)
  }

  @Test func `a block of snappy that claims more than its bytes can yield is refused`() {
    let honest = SnappyBlock.compressed([UInt8](repeating: 1, count: 60_000).rawSpan)
    #expect(SnappyBlock.decompressed(honest.rawSpan)?.count == 60_000)
    #expect(SnappyBlock.decompressed(honest.rawSpan, limit: 59_999) == nil)
    // 1 MiB claimed by a block of a few bytes.
    let hostile: [UInt8] = [0x80, 0x80, 0x40, 0x00, 0x01]
    #expect(SnappyBlock.decompressed(hostile.rawSpan) == nil)
  }

  @Test func `random bytes are read or refused`() {
    var random = SeededRandom(seed: 99)
    for _ in 0..<3000 {
      let length = Int.random(in: 0..<60, using: &random)
      let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      let prefixes = [[], Array("dvs".utf8), Array("dss".utf8) + SnappyFrames.identifier]
      for prefix in prefixes {
        let ids = (try? decoded(prefix + noise)) ?? []
        #expect(ids.count <= 22 * length)
      }
    }
  }
}
