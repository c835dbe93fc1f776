internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import TSDBBlock

/// The way of a new block from its job's directory to the bucket.
///
///     made and proven ─► journal ─┬─► lease held? ─► upload, sizes confirmed, meta.json
///     crash ─► journal, read back ┘
struct Publication: Sendable {
  let job: JobDirectory
  /// What the job makes a block of.
  let inputs: [BlockID]
  /// How the job makes blocks.
  let method: String
  let bucket: any Bucket
  /// Looked at before anything is published.
  let lease: Lease
  let environment: CompactorEnvironment

  /// The block that an earlier try made, when it is the one that would be made now; everything else
  /// that was left goes.
  ///
  /// - Parameter planned: what the block with an identity would say of itself.
  func resume(_ planned: (BlockID) -> BlockMeta) async throws(JobFailure) -> ProvenBlock? {
    let (job, threadCount) = (job, environment.threadCount)
    guard let journal = await onBlockingThread({ job.journal }) else { return nil }
    let id = journal.meta.id
    guard journal.isResult(of: planned(id), by: method, now: environment.now()) else {
      await onBlockingThread { job.discard(journal) }
      return nil
    }
    let deletions = try await InputDeletions(
      of: inputs, in: bucket, blockConcurrency: environment.transfers.blockConcurrency)
    guard journal.deletions == deletions else {
      environment.logger.info(
        "a block is made again because samples were deleted from its inputs meanwhile",
        metadata: ["block": "\(id)"])
      await onBlockingThread { job.discard(journal) }
      return nil
    }
    environment.logger.info(
      "reading a block again that was made before", metadata: ["block": "\(id)"])
    do {
      return try await onBlockingThreads(
        executor: .compaction
      ) { () async throws(BlockError) in
        try journal.proof.verify(job.output(id), journal.meta, threadCount: threadCount)
      }
    } catch {
      environment.logger.warning(
        "a block that was made before is damaged and is made again",
        metadata: ["block": "\(id)", "error": "\(error)"])
      await onBlockingThread { job.discard(journal) }
      return nil
    }
  }

  /// From now on ``resume(_:)`` finds the block, for as long as nothing else is deleted from its
  /// inputs.
  func record(
    _ block: ProvenBlock, _ deletions: InputDeletions
  ) async throws(JobFailure) {
    let job = job
    let journal = Journal(
      method: method, deletions: deletions, meta: block.meta, proof: block.proof)
    try await onBlockingThread { () throws(JobFailure) in try job.write(journal) }
  }

  /// - Parameter resumes: the upload may have begun before.
  /// - Returns: the meta.json as published.
  func publish(_ block: ProvenBlock, resumes: Bool) async throws(JobFailure) -> BlockMeta {
    var upload = block.upload(environment.transfers)
    upload.resumes = resumes
    try await lease.check()
    do {
      return try await upload.run(to: bucket, now: environment.now())
    } catch {
      throw JobFailure(block: nil, reason: error.description)
    }
  }
}
