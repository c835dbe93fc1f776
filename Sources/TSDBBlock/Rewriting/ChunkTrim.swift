/// What becomes of a chunk when only a span of time is wanted and parts of a series are deleted.
struct ChunkTrim {
  enum Decision: Equatable {
    case drop
    /// Nothing of the chunk is touched: it can be copied as it is.
    case keep
    /// The samples in these closed, disjoint ranges go.
    case cut([ClosedRange<Int64>])
  }

  /// Times to keep, both ends inclusive.
  let range: ClosedRange<Int64>
  /// Deleted times: closed, sorted, disjoint.
  var deletions: [ClosedRange<Int64>] = []

  func decision(for chunk: ChunkSpan) -> Decision {
    guard chunk.minTime <= chunk.maxTime else { return .keep }
    guard chunk.maxTime >= range.lowerBound, chunk.minTime <= range.upperBound else { return .drop }
    var touched: [ClosedRange<Int64>] = []
    for deletion in deletions where deletion.overlaps(chunk.minTime...chunk.maxTime) {
      if deletion.contains(chunk.minTime), deletion.contains(chunk.maxTime) { return .drop }
      touched.append(deletion)
    }
    if chunk.minTime < range.lowerBound { touched.append(Int64.min...range.lowerBound - 1) }
    if chunk.maxTime > range.upperBound { touched.append(range.upperBound + 1...Int64.max) }
    return touched.isEmpty ? .keep : .cut(touched)
  }

  /// A chunk written anew without the deleted samples.
  struct Recut {
    var minTime: Int64
    var maxTime: Int64
    var payload: [UInt8]
    var sampleCount: Int
  }

  /// Decodes a chunk and encodes what is left as one chunk; nil when nothing is.
  ///
  /// - Throws: ``BlockError`` when the chunk is damaged or holds aggregates.
  static func recut(
    _ encoding: ChunkEncoding, _ payload: RawSpan, deleting deletions: [ClosedRange<Int64>],
    with transcoder: inout ChunkTranscoder
  ) throws(BlockError) -> Recut? {
    do {
      guard
        let left = try transcoder.removing(deletions, from: payload, encoding: encoding),
        let first = left.timestamps.first, let last = left.timestamps.last
      else { return nil }
      return Recut(
        minTime: first, maxTime: last, payload: left.payload, sampleCount: left.timestamps.count)
    } catch .unsupported {
      throw BlockError(
        .unsupportedEncoding, section: "chunk",
        detail: "a chunk of encoding \(encoding) lies partly outside the block or is partly "
          + "deleted, and cannot be cut")
    } catch {
      throw .decoding(error, section: "chunk", offset: 0)
    }
  }
}
