internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import TSDBBlock

/// One block, downsampled.
///
///     block on disk ─► downsample ─► read back and compare ─► journal ─► upload: chunks, index,
///     sizes confirmed, meta.json
///
/// The finer block is not touched. Where the merge that made it made this block too, see
/// ``EarlyDownsample``, the work begins at the journal.
struct DownsampleJob: Sendable {
  let task: DownsamplingPlanner.Task
  let bucket: any Bucket
  let work: WorkDirectory
  /// Looked at before anything is published.
  let lease: Lease
  let environment: CompactorEnvironment

  private var job: JobDirectory { work.job(.downsampling, task.block.id.description) }

  /// What the journal calls the way of making the block.
  static let method = "downsample"

  private var publication: Publication {
    Publication(
      job: job, inputs: [task.block.id], method: Self.method, bucket: bucket, lease: lease,
      environment: environment)
  }

  /// - Returns: the new block; nil when the task was cancelled before it was published.
  func run() async throws(JobFailure) -> BlockMeta? {
    func isDone(_ meta: BlockMeta?) -> Bool { meta != nil }
    return try await work.using(job, inputs: [task.block.id], isDone: isDone) {
      () async throws(JobFailure) in
      if let block = try await publication.resume({ meta(id: $0) }) {
        return try await publish(block, resumes: true)
      }
      return try await downsampleWhereItFits()
    }
  }

  private func meta(id: BlockID) -> BlockMeta {
    DownsampledMeta.make(id: id, from: task.block, resolution: task.resolution)
  }

  private func downsampleWhereItFits() async throws(JobFailure) -> BlockMeta? {
    let meta = meta(id: BlockID.make(now: environment.now()))
    let blocks = LocalBlocks(bucket: bucket, job: job, transfers: environment.transfers)
    let byteCount = try await task.block.byteCount(in: bucket)
    let need = blocks.need(reading: byteCount, writing: Self.need(downsampling: byteCount))
    environment.logger.info(
      "downsampling a block",
      metadata: [
        "block": "\(meta.id)", "from": "\(task.block.id)", "resolution": "\(task.resolution)",
        "bytes": "\(byteCount)", "needed_bytes": "\(need)",
      ])
    return try await environment.disk.reserving(need, in: job.path) {
      _ async throws(JobFailure) in
      try await downsample(meta, blocks)
    }
  }

  /// Bytes that a downsampled block may take.
  static func need(downsampling byteCount: Int64) -> Int64 {
    // Five aggregates of sparse series may take more room than the samples.
    DiskSpace.sum(byteCount, byteCount / 2)
  }

  private func downsample(
    _ meta: BlockMeta, _ blocks: LocalBlocks
  ) async throws(JobFailure) -> BlockMeta? {
    let local = try await blocks.locate([task.block.id])
    guard let input = local.first else { return nil }
    let deletions = try await blocks.deletions(from: local)
    let downsample = LocalDownsample(
      input: input.id, directory: input.directory, output: job.output(meta.id), meta: meta,
      threadCount: environment.threadCount, report: environment.report(.downsampling, meta.id))
    defer { environment.observer.ended(meta.id) }
    let block: ProvenBlock?
    do {
      block = try await onBlockingThreads(executor: .compaction) {
        () async throws(JobFailure) in try await downsample.run()
      }
    } catch {
      throw await blocks.judge(error, local)
    }
    guard let block else { return nil }
    try await publication.record(block, deletions)
    return try await publish(block, resumes: false)
  }

  private func publish(
    _ block: ProvenBlock, resumes: Bool
  ) async throws(JobFailure) -> BlockMeta? {
    guard !Task.isCancelled else { return nil }
    return try await publication.publish(block, resumes: resumes)
  }
}
