internal import TSDBBlock

/// Writes chunks anew, into memory of their own, that cannot be served as they stand.
struct ChunkRewriter {
  private var transcoder = ChunkTranscoder()
  private var byteCount = 0

  /// Bytes written since the last time.
  mutating func takeByteCount() -> Int {
    defer { byteCount = 0 }
    return byteCount
  }

  /// The same samples in an encoding that queriers know.
  mutating func plain(
    _ record: LocatedChunk, at location: ChunkLocation
  ) throws(BlockError) -> (encoding: ChunkEncoding, storage: ByteStorage) {
    var bytes: [UInt8] = []
    do throws(DecodeError) {
      let encoding = try transcoder.appendPlain(
        record.storage.bytes, record.range, encoding: record.encoding, to: &bytes)
      byteCount += bytes.count
      return (encoding, ByteStorage(bytes))
    } catch {
      throw Self.error(error, at: location)
    }
  }

  /// The samples of some bytes without those of deleted times, in an encoding that queriers know;
  /// nil when none is left.
  mutating func removing(
    _ deleted: [ClosedRange<Int64>], from storage: ByteStorage, _ range: Range<Int>,
    encoding: ChunkEncoding, at location: ChunkLocation
  ) throws(BlockError) -> (
    encoding: ChunkEncoding, storage: ByteStorage, times: ClosedRange<Int64>
  )? {
    do throws(DecodeError) {
      let bytes = storage.bytes.extracting(range)
      guard
        let kept = try transcoder.removing(deleted, from: bytes, encoding: encoding),
        let first = kept.timestamps.min(), let last = kept.timestamps.max()
      else { return nil }
      var plain: [UInt8] = []
      let result = try transcoder.appendPlain(
        kept.payload.rawSpan, 0..<kept.payload.count, encoding: encoding, to: &plain)
      byteCount += plain.count
      return (result, ByteStorage(plain), first...last)
    } catch {
      throw Self.error(error, at: location)
    }
  }

  private static func error(_ error: DecodeError, at location: ChunkLocation) -> BlockError {
    BlockError(
      .malformed, section: "chunk in segment \(location.segment)", offset: location.offset,
      detail: "its samples cannot be decoded: \(error)")
  }
}
