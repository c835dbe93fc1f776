internal import BlockCatalog
internal import ObjectStore
internal import TSDBBlock

/// Brings blocks to where they can be mapped.
struct LocalBlocks: Sendable {
  let bucket: any Bucket
  /// Where remote blocks are copied to.
  let directory: String

  /// The directory of the block: in a bucket that is a directory its own, else one it is downloaded
  /// to.
  func directory(of id: BlockID) async throws(JobFailure) -> String {
    do {
      let meta = try ObjectName("\(id)/\(BlockMeta.fileName)")
      if let path = bucket.localPath(meta) {
        return String(path.dropLast(BlockMeta.fileName.utf8.count + 1))
      }
      let target = "\(directory)/inputs/\(id)"
      try await BlockDownload.run(id, from: bucket, to: target)
      return target
    } catch {
      throw JobFailure(block: nil, reason: "cannot download block \(id): \(error)")
    }
  }
}
