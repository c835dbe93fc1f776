public import ObjectStore
public import TSDBBlock

/// Writes marks beside the meta.json of a block.
public enum BlockMarking {
  /// Whether the block has a meta.json: only then it can be marked.
  public static func isMarkable(
    _ id: BlockID, in bucket: any Bucket
  ) async throws(BucketError) -> Bool {
    try await bucket.exists(id.object(BlockMeta.fileName))
  }

  /// Writes `mark`, unless the block has such a mark already; returns whether it was written.
  ///
  /// A block without meta.json is not marked: it was just deleted, and a mark alone would stay for
  /// ever. Returns false then.
  public static func write(
    _ mark: some BlockMark, of id: BlockID, in bucket: any Bucket
  ) async throws(BucketError) -> Bool {
    guard try await isMarkable(id, in: bucket) else { return false }
    do {
      try await bucket.create(mark.jsonBytes(), at: id.object(type(of: mark).fileName))
      return true
    } catch  where error.code == .preconditionFailed {
      return false
    }
  }
}
