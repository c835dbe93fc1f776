internal import BlockCatalog
internal import ObjectStore
internal import TSDBBlock

/// Takes a block out of a bucket after it was copied to another one.
struct SafeRemoval {
  let transfer: BlockTransfer
  /// With 0 the block is deleted, else marked.
  let delay: Int64

  /// - Throws: ``ToolError`` when the backup bucket has such a block, which may be another version.
  func remove(_ id: BlockID, details: String) throws {
    let (source, target) = (transfer.source, transfer.target)
    guard try !waitFor({ try await BlockMarking.isMarkable(id, in: target) }) else {
      throw ToolError("block \(id) is in the backup bucket already; it was not deleted")
    }
    _ = try transfer.copy(id)
    let delay = delay
    try waitFor {
      if delay == 0 {
        try await BlockDeletion.delete(id, from: source)
      } else {
        let mark = DeletionMark(id: id, details: details, time: currentMilliseconds() / 1000)
        _ = try await BlockMarking.write(mark, of: id, in: source)
      }
    }
  }
}
