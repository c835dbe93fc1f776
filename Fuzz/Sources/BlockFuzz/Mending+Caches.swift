internal import TSDBBlock

@testable internal import CachingBucket
@testable internal import Snappy

/// Values in caches.
extension Mending {
  mutating func mendDiskRecords() {
    var place = 0
    while let head = DiskRecord.Head(bytes[place...]), head.byteCount <= bytes.count - place {
      write(checksum(of: place + 8..<place + head.byteCount), littleEndianAt: place + 4)
      place += head.byteCount
    }
  }

  mutating func mendDiskIndex() {
    if bytes.count >= 8 { write(checksum(of: 8..<bytes.count), littleEndianAt: 4) }
  }

  /// The frames of a stream of Snappy that begins at `start`.
  mutating func mendFrames(from start: Int) {
    var place = start
    while place + 4 <= bytes.count {
      let length = (1...3).reversed().reduce(0) { $0 << 8 | Int(bytes[place + $1]) }
      let end = place + 4 + length
      guard end <= bytes.count else { return }
      if bytes[place] <= 1, length >= 4 {
        mendFrame(place + 8..<end, isCompressed: bytes[place] == 0)
      }
      place = end
    }
  }

  private mutating func mendFrame(_ content: Range<Int>, isCompressed: Bool) {
    var sum = checksum(of: content)
    if isCompressed {
      let plain = SnappyBlock.decompressed(
        bytes.rawSpan.extracting(content), limit: SnappyFrames.contentLimit)
      guard let plain else { return }
      sum = CRC32C(plain.rawSpan).value
    }
    write((sum >> 15 | sum << 17) &+ 0xA282_EAD8, littleEndianAt: content.lowerBound - 4)
  }

  private func checksum(of range: Range<Int>) -> UInt32 {
    CRC32C(bytes.rawSpan.extracting(range)).value
  }
}
