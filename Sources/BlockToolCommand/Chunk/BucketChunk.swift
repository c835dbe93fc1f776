internal import ObjectStore
internal import TSDBBlock

/// A record in a segment of a bucket; of a remote one nothing else is read.
struct BucketChunk {
  /// Longer than nearly all chunks.
  private static let firstByteCount = 64 << 10
  /// Longer than any chunk: a damaged length must not fetch a whole segment.
  private static let mostBytes = 64 << 20
  /// The length, the encoding and the checksum of a record, at most.
  private static let overhead = 10 + 1 + 4

  let bucket: any Bucket

  /// - Parameters:
  ///   - text: `ULID/FILE@OFFSET`.
  ///   - encoding: instead of that of the record.
  /// - Throws: ``ToolError`` when there is no chunk to decode, ``BucketError``.
  func source(_ text: String, _ encoding: UInt8?) throws -> ChunkSource {
    guard let place = try ChunkSource.place(in: text) else {
      throw ToolError("\(text.prefix(100)) is no place in a bucket, such as ULID/chunks/000001@8")
    }
    let name = try BlockInput.objectName(place.path)
    if let directory = bucket.localDirectory {
      return try ChunkSource("\(directory)/\(name)@\(place.offset)", encoding)
    }
    let bytes = try record(name, place.offset)
    var source = try ChunkSource(record: bytes.rawSpan, at: 0, encoding)
    source.record?.offset = place.offset
    return source
  }

  private func record(_ name: ObjectName, _ offset: Int) throws -> [UInt8] {
    let size = try waitFor { [bucket] in try await bucket.attributes(name).size }
    guard offset < size else { throw ToolError("the file has only \(size) bytes") }
    let first = try read(name, offset, min(size - offset, Self.firstByteCount))
    var cursor = ByteDecoder(first.rawSpan, at: 0)
    guard let length = try? cursor.uvarint() else { return first }
    let needed = min(Int(clamping: length), Self.mostBytes) + Self.overhead
    guard needed > first.count, first.count < size - offset else { return first }
    return try read(name, offset, min(size - offset, needed))
  }

  private func read(_ name: ObjectName, _ offset: Int, _ count: Int) throws -> [UInt8] {
    try waitFor { [bucket] in try await bucket.read(name, range: offset..<offset + count) }
  }
}
