/// One chunk in a segment, found and verified.
public struct ChunkRecord: Equatable, Sendable {
  /// The encoding byte as it stands on disk.
  public let encoding: UInt8
  /// The data in the segment file, beginning with the sample count.
  public let payload: Range<Int>
  /// The stored checksum, equal to that of the bytes.
  public let checksum: UInt32

  /// A record that was found and verified otherwise.
  init(encoding: UInt8, payload: Range<Int>, checksum: UInt32) {
    self.encoding = encoding
    self.payload = payload
    self.checksum = checksum
  }

  /// Finds the record at `offset` and compares its checksum.
  ///
  /// - Throws: ``BlockError`` when the record leaves the file or its checksum differs.
  /// - Complexity: O(bytes of the chunk).
  init(in segment: RawSpan, at offset: Int) throws(BlockError) {
    guard offset >= SegmentFormat.headerByteCount, offset < segment.byteCount else {
      throw BlockError(
        .badReference, section: "chunk", offset: offset,
        detail: "lies outside the segment of \(segment.byteCount) bytes")
    }
    let length: UInt64
    let start: Int
    do throws(DecodeError) {
      var cursor = ByteDecoder(segment, at: offset)
      length = try cursor.uvarint()
      start = cursor.position
    } catch {
      throw .decoding(error, section: "chunk", offset: offset)
    }
    // Signed: less than the encoding and the checksum may be left, and then no length fits.
    let room = segment.byteCount - start - 5
    guard room >= 0, length <= UInt64(room) else {
      throw BlockError(
        .truncated, section: "chunk", offset: offset,
        detail: "claims \(length) bytes, the segment ends after \(segment.byteCount - start)")
    }
    encoding = segment.byte(at: start)
    payload = start + 1..<start + 1 + Int(length)
    checksum = segment.bigEndianUInt32(at: payload.upperBound)
    let computed = CRC32C(segment.extracting(start..<payload.upperBound)).value
    guard computed == checksum else {
      throw .checksum(computed: computed, stored: checksum, section: "chunk", offset: offset)
    }
  }
}
