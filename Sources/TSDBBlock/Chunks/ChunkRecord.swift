/// One chunk in a segment, found and verified.
public struct ChunkRecord: Equatable, Sendable {
  /// The encoding byte as it stands on disk.
  public let encoding: UInt8
  /// The data in the bytes it was found in, beginning with the sample count.
  public let payload: Range<Int>
  /// The stored checksum, equal to that of the bytes.
  public let checksum: UInt32

  /// A record that was found and verified otherwise.
  init(encoding: UInt8, payload: Range<Int>, checksum: UInt32) {
    self.encoding = encoding
    self.payload = payload
    self.checksum = checksum
  }

  /// Finds a record in some bytes of a segment and compares its checksum.
  ///
  /// - Parameters:
  ///   - bytes: of the segment, a fetched range or all.
  ///   - position: of the record in `bytes`.
  ///   - fileOffset: where `bytes` begin in the segment, for errors.
  /// - Throws: ``BlockError`` when the record leaves the bytes or its checksum differs.
  /// - Complexity: O(bytes of the chunk).
  public init(
    in bytes: RawSpan, at position: Int, fileOffset: Int = 0
  ) throws(BlockError) {
    let offset = fileOffset &+ position
    guard offset >= SegmentFormat.headerByteCount, position >= 0, position < bytes.byteCount else {
      throw BlockError(
        .badReference, section: "chunk", offset: offset,
        detail: "lies outside the segment of \(fileOffset &+ bytes.byteCount) bytes")
    }
    let length: UInt64
    let start: Int
    do throws(DecodeError) {
      var cursor = ByteDecoder(bytes, at: position)
      length = try cursor.uvarint()
      start = cursor.position
    } catch {
      throw .decoding(error, section: "chunk", offset: offset)
    }
    // Signed: less than the encoding and the checksum may be left, and then no length fits.
    let room = bytes.byteCount - start - 5
    guard room >= 0, length <= UInt64(room) else {
      throw BlockError(
        .truncated, section: "chunk", offset: offset,
        detail: "claims \(length) bytes, the segment ends after \(bytes.byteCount - start)")
    }
    encoding = bytes.byte(at: start)
    payload = start + 1..<start + 1 + Int(length)
    checksum = bytes.bigEndianUInt32(at: payload.upperBound)
    let computed = CRC32C(bytes.extracting(start..<payload.upperBound)).value
    guard computed == checksum else {
      throw .checksum(computed: computed, stored: checksum, section: "chunk", offset: offset)
    }
  }

  /// How many bytes the record at `position` takes up, checksum included: what to fetch when a
  /// guess was too short. Nil when not even its length can be read.
  public static func byteCount(in bytes: RawSpan, at position: Int) -> Int? {
    var cursor = ByteDecoder(bytes, at: position)
    guard let length = try? cursor.uvarint(), length <= UInt64(UInt32.max) else { return nil }
    return cursor.position - position + 1 + Int(length) + 4
  }
}
