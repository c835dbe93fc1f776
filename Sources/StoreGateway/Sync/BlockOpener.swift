internal import ObjectStore
internal import TSDBBlock

/// Makes a block of the catalog ready to be served.
typealias BlockOpener = @Sendable (BlockMeta) async -> Result<LoadedBlock, BlockError>

/// Opens blocks where they lie, in a bucket with local files.
///
/// - Parameter executor: what may wait for a disk runs there.
func mappedBlocks(in bucket: any Bucket, on executor: BlockingExecutor) -> BlockOpener {
  { meta in
    await onBlockingThread(executor: executor) { () -> Result<LoadedBlock, BlockError> in
      guard let directory = (try? ObjectName("\(meta.id)")).flatMap(bucket.localPath) else {
        return .failure(
          BlockError(
            .unreadable, detail: "the bucket has no local files; only FILESYSTEM is served yet"))
      }
      return Result { () throws(BlockError) in try LoadedBlock(meta, directory: directory) }
    }
  }
}
