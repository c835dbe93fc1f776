internal import Snappy
internal import TSDBBlock

/// Lists of series ids as index caches keep them.
///
///     ┌ "dss" │ framed stream of Snappy: uvarint deltas, the first from 0 ┐      written, read
///     ┌ "dvs" │ block of Snappy:         uvarint deltas, the first from 0 ┐      read
///     ┌ count u32 │ count × id u32, big endian                            ┐      read
///
/// An empty list is the three letters alone. Ids are those of the index: in its second version the
/// byte offset of a series entry divided by 16. Neighbours may be equal, but never fall.
/// Source: values found in the cache of a running Thanos.
public enum PostingsCodec {
  private static let streamed = Array("dss".utf8)
  private static let block = Array("dvs".utf8)

  /// The value that holds `ids`, which must not fall.
  ///
  /// Takes a few bytes per series of temporary memory, at most 64 KiB beside the result.
  public static func encode(_ ids: [UInt32]) -> [UInt8] {
    var value = streamed
    guard !ids.isEmpty else { return value }
    value += SnappyFrames.identifier
    let room = SnappyFrames.contentLimit - 5
    var pending: [UInt8] = []
    pending.reserveCapacity(min(5 * ids.count, room + 5))
    var last: UInt32 = 0
    for id in ids {
      if pending.count > room {
        SnappyFrames.append(pending.rawSpan, to: &value)
        pending.removeAll(keepingCapacity: true)
      }
      pending.append(uvarint: UInt64(id &- last))
      last = id
    }
    SnappyFrames.append(pending.rawSpan, to: &value)
    return value
  }

  /// Replaces `ids` by the list that `value` holds, and keeps the array's memory where it fits.
  ///
  /// What comes back from a cache is not trusted: the memory taken stays below 200 bytes for each
  /// byte of `value`, whatever sizes it claims, and below 16 bytes for each of `limit` series and
  /// 64 KiB.
  ///
  /// - Parameter limit: how many series the caller can use.
  /// - Throws: when the bytes are damaged; `ids` is empty then.
  public static func decode(
    _ value: [UInt8], into ids: inout [UInt32], limit: Int = .max
  ) throws(PostingsCodecError) {
    ids.removeAll(keepingCapacity: true)
    do {
      if value.starts(with: streamed) {
        try decodeFrames(value, into: &ids, limit: limit)
      } else if value.starts(with: block) {
        try decodeBlock(value, into: &ids, limit: limit)
      } else {
        try decodeWords(value, into: &ids, limit: limit)
      }
    } catch {
      ids.removeAll(keepingCapacity: true)
      throw error
    }
  }

  private static func decodeFrames(
    _ value: [UInt8], into ids: inout [UInt32], limit: Int
  ) throws(PostingsCodecError) {
    let bytes = value.rawSpan
    var frames = SnappyFrames(at: streamed.count)
    var deltas = DeltaDecoder()
    var hasData = false
    while let frame = try next(of: &frames, in: bytes) {
      hasData = true
      do throws(PostingsCodecError.Reason) {
        try decode(frame, in: bytes, with: &deltas, into: &ids, limit: limit)
      } catch {
        throw PostingsCodecError(reason: error, offset: frame.offset)
      }
    }
    // A list without series has no stream at all.
    guard deltas.isComplete, hasData || value.count == streamed.count else {
      throw PostingsCodecError(reason: .truncated, offset: value.count)
    }
  }

  private static func next(
    of frames: inout SnappyFrames, in bytes: RawSpan
  ) throws(PostingsCodecError) -> SnappyFrames.Frame? {
    do {
      return try frames.next(in: bytes)
    } catch {
      let reason: PostingsCodecError.Reason =
        switch error {
        case .truncated: .truncated
        case .unsupported: .unsupported
        case .overflow, .malformed: .malformed
        }
      throw PostingsCodecError(reason: reason, offset: frames.position)
    }
  }

  private static func decode(
    _ frame: SnappyFrames.Frame, in bytes: RawSpan, with deltas: inout DeltaDecoder,
    into ids: inout [UInt32], limit: Int
  ) throws(PostingsCodecError.Reason) {
    let content = bytes.extracting(frame.content)
    guard frame.isCompressed else {
      guard frame.matches(content) else { throw .checksum }
      return try deltas.append(content, to: &ids, limit: limit)
    }
    guard let content = SnappyBlock.decompressed(content, limit: SnappyFrames.contentLimit) else {
      throw .malformed
    }
    guard frame.matches(content.rawSpan) else { throw .checksum }
    try deltas.append(content.rawSpan, to: &ids, limit: limit)
  }

  private static func decodeBlock(
    _ value: [UInt8], into ids: inout [UInt32], limit: Int
  ) throws(PostingsCodecError) {
    let bytes = value.rawSpan
    // An id takes at most five bytes.
    let (room, isUnlimited) = limit.multipliedReportingOverflow(by: 5)
    guard
      let content = SnappyBlock.decompressed(
        bytes.extracting(block.count..<bytes.byteCount), limit: isUnlimited ? .max : room)
    else { throw PostingsCodecError(reason: .malformed, offset: block.count) }
    var deltas = DeltaDecoder()
    do throws(PostingsCodecError.Reason) {
      try deltas.append(content.rawSpan, to: &ids, limit: limit)
    } catch {
      throw PostingsCodecError(reason: error, offset: block.count)
    }
    guard deltas.isComplete else {
      throw PostingsCodecError(reason: .truncated, offset: value.count)
    }
  }

  /// The form of an index; the value may go on behind the list, as ranges of the offset table do.
  private static func decodeWords(
    _ value: [UInt8], into ids: inout [UInt32], limit: Int
  ) throws(PostingsCodecError) {
    var decoder = ByteDecoder(value.rawSpan)
    do throws(DecodeError) {
      let count = Int(try decoder.uint32())
      guard count <= decoder.remaining / 4 else { throw .truncated }
      guard count <= limit else { throw .overflow }
      ids.reserveCapacity(count)
      var last: UInt32 = 0
      for _ in 0..<count {
        let id = try decoder.uint32()
        guard id >= last else { throw .malformed }
        ids.append(id)
        last = id
      }
    } catch {
      let reason: PostingsCodecError.Reason =
        switch error {
        case .truncated: .truncated
        case .overflow: .tooLong
        default: .order
        }
      throw PostingsCodecError(reason: reason, offset: decoder.position)
    }
  }
}
