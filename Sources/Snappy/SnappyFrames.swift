package import TSDBBlock

/// Snappy's framed stream, which can be written and read piece by piece.
///
///     ┌ ff 06 00 00 "sNaPpY" ┐ ┌ type u8 │ length u24 │ content ┐ ┌ type … ┐
///     └ identifier           ┘ └ chunk                          ┘ └        ┘
///
///     type 00      checksum u32 │ block of at most 64 KiB when decompressed
///     type 01      checksum u32 │ at most 64 KiB as they are
///     type ff      the identifier again
///     type 80…fe   may be skipped by readers that do not know it: refused here
///     others       must not be skipped
///
/// No writer of cached lists makes chunks to skip. A chunk of data becomes one by a flipped bit,
/// and skipping it would lose series without a word.
///
/// Numbers are little endian. The checksum is the CRC-32C of what the chunk holds when decompressed,
/// rotated right by 15 bits, plus a282ead8. Source: framing_format.txt of Snappy.
package struct SnappyFrames {
  package static let identifier: [UInt8] = [0xFF, 6, 0, 0] + Array("sNaPpY".utf8)
  /// Bytes a chunk may hold when decompressed.
  package static let contentLimit = 1 << 16

  /// A chunk of data in the stream.
  package struct Frame {
    /// Where the chunk begins.
    package let offset: Int
    package let isCompressed: Bool
    /// Where the data is, behind the checksum.
    package let content: Range<Int>
    package let checksum: UInt32

    /// Whether `bytes` are what was framed.
    package func matches(_ bytes: RawSpan) -> Bool {
      checksum == SnappyFrames.mask(CRC32C(bytes).value)
    }
  }

  /// Offset of the next chunk; of the damaged one after an error.
  package private(set) var position: Int
  private var hasBegun = false

  /// Reads the stream that begins at `position`.
  package init(at position: Int) { self.position = position }

  /// The next chunk of data, nil at the end. A stream of no bytes has none.
  package mutating func next(in bytes: RawSpan) throws(DecodeError) -> Frame? {
    while position < bytes.byteCount {
      guard bytes.byteCount - position >= 4 else { throw .truncated }
      var header: UInt32 = 0
      for index in 0..<4 { header |= UInt32(bytes[position + index]) << (8 * UInt32(index)) }
      let start = position + 4
      let length = Int(header >> 8)
      guard length <= bytes.byteCount - start else { throw .truncated }
      let content = start..<start + length
      switch header & 0xFF {
      case 0xFF:
        guard ByteOrder.equal(bytes.extracting(content), Self.name.rawSpan) else {
          throw .malformed
        }
        hasBegun = true
      case let type where type <= 1 && hasBegun:
        let frame = try Self.frame(at: position, content, isCompressed: type == 0, in: bytes)
        position = content.upperBound
        return frame
      case 2...0xFE where hasBegun: throw .unsupported
      default: throw .malformed
      }
      position = content.upperBound
    }
    return nil
  }

  private static let name = Array(identifier.dropFirst(4))

  private static func frame(
    at offset: Int, _ content: Range<Int>, isCompressed: Bool, in bytes: RawSpan
  ) throws(DecodeError) -> Frame {
    guard content.count >= 4 else { throw .truncated }
    var checksum: UInt32 = 0
    for index in 0..<4 {
      checksum |= UInt32(bytes[content.lowerBound + index]) << (8 * UInt32(index))
    }
    let data = content.lowerBound + 4..<content.upperBound
    guard isCompressed || data.count <= contentLimit else { throw .malformed }
    return Frame(
      offset: offset, isCompressed: isCompressed, content: data, checksum: checksum)
  }

  /// Appends `bytes`, at most ``contentLimit``, as a chunk: compressed where that saves an eighth,
  /// as Go's writer decides, so that a reader does not work for nothing.
  package static func append(_ bytes: RawSpan, to stream: inout [UInt8]) {
    let compressed = SnappyBlock.compressed(bytes)
    let isCompressed = compressed.count < bytes.byteCount - bytes.byteCount / 8
    let length = 4 + (isCompressed ? compressed.count : bytes.byteCount)
    append(littleEndian: UInt32(length) << 8 | (isCompressed ? 0 : 1), to: &stream)
    append(littleEndian: mask(CRC32C(bytes).value), to: &stream)
    stream.append(isCompressed ? compressed.rawSpan : bytes)
  }

  private static func append(littleEndian value: UInt32, to stream: inout [UInt8]) {
    for shift in stride(from: 0, to: 32, by: 8) {
      stream.append(UInt8(truncatingIfNeeded: value >> UInt32(shift)))
    }
  }

  private static func mask(_ checksum: UInt32) -> UInt32 {
    (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
  }
}
