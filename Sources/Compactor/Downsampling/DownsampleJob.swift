internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import TSDBBlock

/// One block, downsampled.
///
///     block on disk ─► downsample ─► read back and compare ─► upload: chunks, index,
///     sizes confirmed, meta.json
///
/// The finer block is not touched.
struct DownsampleJob: Sendable {
  let task: DownsamplingPlanner.Task
  let bucket: any Bucket
  let work: WorkDirectory
  /// Looked at before anything is published.
  let lease: Lease
  let environment: CompactorEnvironment

  /// - Returns: the new block; nil when the task was cancelled before it was published.
  func run() async throws(JobFailure) -> BlockMeta? {
    try await work.using(.downsampling, task.block.id.description) {
      directory async throws(JobFailure) in
      try await downsample(in: directory)
    }
  }

  private func downsample(in directory: String) async throws(JobFailure) -> BlockMeta? {
    let meta = DownsampledMeta.make(
      id: BlockID.make(now: environment.now()), from: task.block, resolution: task.resolution)
    let blocks = LocalBlocks(bucket: bucket, directory: directory)
    let byteCount = try await task.block.byteCount(in: bucket)
    // Five aggregates of sparse series may take more room than the samples.
    let need = blocks.need(reading: byteCount, writing: DiskSpace.sum(byteCount, byteCount / 2))
    environment.logger.info(
      "downsampling a block",
      metadata: [
        "block": "\(meta.id)", "from": "\(task.block.id)", "resolution": "\(task.resolution)",
        "bytes": "\(byteCount)", "needed_bytes": "\(need)",
      ])
    return try await environment.disk.reserving(need, in: directory) {
      () async throws(JobFailure) in
      try await downsample(meta, in: directory, blocks)
    }
  }

  private func downsample(
    _ meta: BlockMeta, in directory: String, _ blocks: LocalBlocks
  ) async throws(JobFailure) -> BlockMeta? {
    let downsample = LocalDownsample(
      input: task.block.id, directory: try await blocks.directory(of: task.block.id),
      output: "\(directory)/\(meta.id)", meta: meta, threadCount: environment.threadCount,
      report: environment.report(.downsampling, meta.id))
    defer { environment.observer.ended(meta.id) }
    let upload = try await onBlockingThreads(
      executor: .compaction
    ) { () async throws(JobFailure) in try await downsample.run() }
    guard let upload, !Task.isCancelled else { return nil }
    try await lease.check()
    do {
      return try await upload.run(to: bucket, now: environment.now())
    } catch {
      throw JobFailure(block: nil, reason: error.description)
    }
  }
}
