internal import BlockCatalog
internal import ObjectStore
internal import TSDBBlock

/// Brings blocks to where they can be mapped.
struct LocalBlocks: Sendable {
  let bucket: any Bucket
  /// Where remote blocks are copied to.
  let directory: String

  /// Bytes of local disk that blocks need which are read and written.
  func need(reading input: Int64, writing output: Int64) -> Int64 {
    let isLocal = (try? ObjectName("x")).flatMap { bucket.localPath($0) } != nil
    return DiskSpace.sum(isLocal ? 0 : input, output)
  }

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
