/// A length-framed, checksummed part of an index: `byteCount u32 · content · crc u32`.
///
/// Symbols, postings lists and the offset tables share this frame.
struct IndexSection {
  /// The content, without length and checksum, as offsets in the file.
  let content: Range<Int>
  let storedChecksum: UInt32

  /// Finds the frame at `offset`; does not read the content.
  init(in index: RawSpan, at offset: Int, name: String) throws(BlockError) {
    guard offset >= 0, offset <= index.byteCount - 8 else {
      throw BlockError(
        .truncated, section: name, offset: offset, detail: "begins behind the end of the file")
    }
    let length = Int(index.bigEndianUInt32(at: offset))
    guard length <= index.byteCount - 8 - offset else {
      throw BlockError(
        .truncated, section: name, offset: offset,
        detail: "claims \(length) bytes, the file holds \(index.byteCount - 8 - offset)")
    }
    content = offset + 4..<offset + 4 + length
    storedChecksum = index.bigEndianUInt32(at: content.upperBound)
  }

  func verify(in index: RawSpan, name: String) throws(BlockError) {
    let computed = CRC32C(index.extracting(content)).value
    guard computed == storedChecksum else {
      throw .checksum(
        computed: computed, stored: storedChecksum, section: name, offset: content.lowerBound - 4)
    }
  }

  /// The entry count at the head of the content, checked against its size.
  func entryCount(
    in index: RawSpan, entrySize: Int, name: String
  ) throws(BlockError) -> Int {
    guard content.count >= 4 else {
      throw BlockError(
        .truncated, section: name, offset: content.lowerBound, detail: "has no entry count")
    }
    let count = Int(index.bigEndianUInt32(at: content.lowerBound))
    guard count <= (content.count - 4) / entrySize else {
      throw BlockError(
        .malformed, section: name, offset: content.lowerBound,
        detail: "claims \(count) entries in \(content.count) bytes")
    }
    return count
  }
}
