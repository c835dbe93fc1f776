import TSDBBlock
import TestSupport
import Testing

@testable import Snappy

@Suite struct SnappyStreamTests {
  private func bytes(_ count: Int, seed: UInt64, noise: Bool) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { noise ? .random(in: 0...255, using: &random) : UInt8($0 / 50 % 7) }
  }

  @Test(arguments: [0, 1, 100, 65_535, 65_536, 65_537, 300_000], [true, false])
  func `what was compressed comes back`(count: Int, noise: Bool) throws {
    let original = bytes(count, seed: UInt64(count), noise: noise)
    let stream = SnappyStream.compressed(original.rawSpan)
    #expect(stream.isEmpty == original.isEmpty)
    #expect(try SnappyStream.decompressed(stream.rawSpan, limit: count) == original)
    // The head of the stream and that of each chunk are all that noise costs.
    #expect(stream.count <= count + 10 + 8 * (count / 65_536 + 1))
    if !noise, count > 1000 { #expect(stream.count < count / 5) }
  }

  @Test func `more than the limit is not decompressed`() throws {
    let stream = SnappyStream.compressed(bytes(200_000, seed: 1, noise: false).rawSpan)
    #expect(throws: SnappyStream.Failure.tooLarge) {
      try SnappyStream.decompressed(stream.rawSpan, limit: 199_999)
    }
    let noise = SnappyStream.compressed(bytes(200_000, seed: 1, noise: true).rawSpan)
    #expect(throws: SnappyStream.Failure.tooLarge) {
      try SnappyStream.decompressed(noise.rawSpan, limit: 65_536)
    }
  }

  @Test func `a stream with a flipped bit or a missing end is damaged`() throws {
    let original = bytes(3000, seed: 2, noise: false) + bytes(200, seed: 3, noise: true)
    let stream = SnappyStream.compressed(original.rawSpan)
    for position in stream.indices {
      var flipped = stream
      flipped[position] ^= 1 << UInt8(position % 8)
      #expect(throws: SnappyStream.Failure.self) {
        try SnappyStream.decompressed(flipped.rawSpan, limit: 1 << 20)
      }
    }
    // Cut at the border between chunks a stream is whole again.
    for count in 1..<stream.count where count != SnappyFrames.identifier.count {
      #expect(throws: SnappyStream.Failure.self) {
        try SnappyStream.decompressed(Array(stream[..<count]).rawSpan, limit: 1 << 20)
      }
    }
  }

  @Test func `chance bytes are no stream`() {
    var random = SeededRandom(seed: 4)
    for _ in 0..<2000 {
      let count = Int.random(in: 1...200, using: &random)
      let tail = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      for stream in [tail, SnappyFrames.identifier + tail] {
        #expect(throws: SnappyStream.Failure.self) {
          try SnappyStream.decompressed(stream.rawSpan, limit: 1 << 20)
        }
      }
    }
  }
}
