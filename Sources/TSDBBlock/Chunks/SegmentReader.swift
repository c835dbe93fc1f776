/// Reads one segment file of a block.
public final class SegmentReader: Sendable {
  /// The whole file.
  public let file: ByteSlice
  /// As errors name it, `chunks/000001`.
  public let path: String

  /// - Throws: ``BlockError`` when the header is damaged.
  public init(_ file: ByteSlice, path: String) throws(BlockError) {
    self.file = file
    self.path = path
    do {
      try Self.checkHeader(file.bytes)
    } catch {
      throw error.inFile(path)
    }
  }

  static func checkHeader(_ bytes: RawSpan) throws(BlockError) {
    guard bytes.byteCount >= SegmentFormat.headerByteCount else {
      throw BlockError(
        .truncated, section: "segment header", offset: 0,
        detail: "the file has only \(bytes.byteCount) bytes")
    }
    let magic = bytes.bigEndianUInt32(at: 0)
    guard magic == SegmentFormat.magic else {
      throw BlockError(
        .badMagic, section: "segment header", offset: 0,
        detail: "begins with \(hex(magic)), a segment begins with \(hex(SegmentFormat.magic))")
    }
    let version = bytes.byte(at: 4)
    guard version == SegmentFormat.version else {
      throw BlockError(
        .unsupportedVersion, section: "segment header", offset: 4,
        detail: "segment version \(version) is not known")
    }
  }

  /// The verified record at `offset`.
  public func record(at offset: Int) throws(BlockError) -> ChunkRecord {
    let file = file
    do {
      return try ChunkRecord(in: file.bytes, at: offset)
    } catch {
      throw error.inFile(path)
    }
  }
}
