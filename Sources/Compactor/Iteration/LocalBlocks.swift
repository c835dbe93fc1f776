internal import BlockCatalog
internal import ObjectStore
internal import TSDBBlock

/// Brings blocks to where they can be mapped.
struct LocalBlocks: Sendable {
  let bucket: any Bucket
  /// Where remote blocks are copied to.
  let job: JobDirectory
  let transfers: Transfers

  /// A block on a local disk.
  struct Local: Sendable {
    let id: BlockID
    let directory: String
    /// Some of it was copied by another try, which nobody watched since.
    let isOldCopy: Bool
  }

  /// Bytes of local disk that blocks need which are read and written.
  func need(reading input: Int64, writing output: Int64) -> Int64 {
    DiskSpace.sum(bucket.localDirectory == nil ? input : 0, output)
  }

  /// The blocks' directories, in their order: in a bucket that is a directory their own, else those
  /// they are downloaded to.
  func locate(_ ids: [BlockID]) async throws(JobFailure) -> [Local] {
    try await inParallel(ids, limit: transfers.blockConcurrency) {
      (id) async throws(JobFailure) in try await locate(id)
    }
  }

  private func locate(_ id: BlockID) async throws(JobFailure) -> Local {
    if let root = bucket.localDirectory {
      return Local(id: id, directory: "\(root)/\(id)", isOldCopy: false)
    }
    let target = job.input(id)
    do {
      let report = try await BlockDownload.run(
        id, from: bucket, to: target, fileConcurrency: transfers.fileConcurrency)
      return Local(id: id, directory: target, isOldCopy: report.keptFiles > 0)
    } catch .hashDiffers(let object, let expected, let actual) {
      let error = BlockDownloadError.hashDiffers(object, expected: expected, actual: actual)
      throw JobFailure(block: id, reason: error.description, damage: .checksumMismatch)
    } catch {
      throw JobFailure(block: nil, reason: "cannot download block \(id): \(error)")
    }
  }

  /// What was deleted from located blocks.
  func deletions(from blocks: [Local]) async throws(JobFailure) -> InputDeletions {
    try await onBlockingThread { () throws(JobFailure) in try InputDeletions(local: blocks) }
  }

  /// Why the work failed. Damage of an old copy is not held against the block: the copy goes, and
  /// the next try makes another one.
  func judge(_ failure: JobFailure, _ blocks: [Local]) async -> JobFailure {
    guard failure.damage != nil,
      let block = blocks.first(where: { $0.id == failure.block && $0.isOldCopy })
    else { return failure }
    await onBlockingThread { FileSystem.removeTree(block.directory) }
    return JobFailure(
      block: nil,
      reason: "the local copy of block \(block.id) is damaged (\(failure.reason)); it is fetched "
        + "again in the next run")
  }
}
