internal import ObjectStore
internal import RemoteBlocks
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
            .unreadable, detail: "the bucket has no local files"))
      }
      return Result { () throws(BlockError) in try LoadedBlock(meta, directory: directory) }
    }
  }
}

/// Makes blocks ready that are far away: their index-headers are here.
func remoteBlocks(_ resources: RemoteBlockResources) -> BlockOpener {
  { meta in
    do throws(RemoteBlockError) {
      try await resources.headers.load(meta.id)
    } catch {
      return .failure(BlockError(.unreadable, detail: error.description))
    }
    let block = RemoteBlock(id: meta.id, meta: meta, resources: resources)
    return .success(LoadedBlock(meta, .remote(block)))
  }
}
