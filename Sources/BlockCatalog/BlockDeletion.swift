public import ObjectStore
public import TSDBBlock

/// Removes a block from a bucket so that no reader ever sees half of one.
///
///     meta.json ─► chunks, index and the rest ─► deletion-mark.json
///
/// Without meta.json the block does not exist for readers; the mark goes last, so that whoever
/// finds the remains of an interrupted deletion knows what they are.
public enum BlockDeletion {
  /// Deletes everything in the directory of `id`. Objects that are gone already are no error, so an
  /// interrupted deletion is finished by another one.
  public static func delete(_ id: BlockID, from bucket: any Bucket) async throws(BucketError) {
    let meta = try id.object(BlockMeta.fileName)
    let mark = try id.object(DeletionMark.fileName)
    let objects = try await bucket.list(id.directory(), recursive: true).map(\.name)
    for object in objects.sorted(by: { rank($0, meta, mark) < rank($1, meta, mark) }) {
      do {
        try await bucket.delete(object)
      } catch  where error.code == .notFound {
        continue
      }
    }
  }

  private static func rank(_ object: ObjectName, _ meta: ObjectName, _ mark: ObjectName) -> Int {
    object == meta ? 0 : object == mark ? 2 : 1
  }
}
