internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// One plan, carried out.
///
///     inputs on disk ─► merge ─► read back and compare ─► journal ─► upload: chunks, index,
///     sizes confirmed, meta.json ─► deletion marks on the inputs
///                  └─► downsampled, where that is due, see ``EarlyDownsample``
///
/// Whatever step is the last one, nothing is lost: before meta.json is published the inputs are
/// untouched, and what the journal vouches for is not merged again; after it the inputs are
/// duplicates, which the next run marks.
struct CompactionJob: Sendable {
  let inputs: [BlockMeta]
  let group: BlockGroup
  let overlaps: OverlapPolicy
  /// The resolution, in milliseconds, that the result will be downsampled to in this run; nil when it
  /// will not be.
  let downsampling: Int64?
  let bucket: any Bucket
  let work: WorkDirectory
  /// Looked at before anything is published or marked.
  let lease: Lease
  let environment: CompactorEnvironment

  enum Outcome: Sendable {
    case merged(BlockMeta)
    /// No sample in any input; these inputs were marked for deletion.
    case empty([BlockID])
    /// The task was cancelled before anything was published.
    case stopped

    var isDone: Bool {
      if case .stopped = self { false } else { true }
    }
  }

  private var job: JobDirectory { work.job(.compaction, group.key.description) }

  private var publication: Publication {
    Publication(
      job: job, inputs: inputs.map(\.id), method: overlaps.rawValue, bucket: bucket, lease: lease,
      environment: environment)
  }

  func run() async throws(JobFailure) -> Outcome {
    try await work.using(job, inputs: Set(inputs.map(\.id)), isDone: \.isDone) {
      () async throws(JobFailure) in
      let block = try await publication.resume {
        MergedMeta.make(id: $0, inputs: inputs, group: group)
      }
      if let block { return try await publish(block, resumes: true) }
      return try await mergeWhereItFits()
    }
  }

  private func mergeWhereItFits() async throws(JobFailure) -> Outcome {
    let meta = MergedMeta.make(
      id: BlockID.make(now: environment.now()), inputs: inputs, group: group)
    let blocks = LocalBlocks(bucket: bucket, job: job, transfers: environment.transfers)
    var byteCount: Int64 = 0
    for input in inputs {
      byteCount = DiskSpace.sum(byteCount, try await input.byteCount(in: bucket))
    }
    let need = blocks.need(reading: byteCount, writing: byteCount)
    let extra = downsampling == nil ? 0 : DownsampleJob.need(downsampling: byteCount)
    environment.logger.info(
      "merging blocks",
      metadata: [
        "group": "\(group.key)", "block": "\(meta.id)", "inputs": "\(inputs.count)",
        "bytes": "\(byteCount)", "needed_bytes": "\(need)",
      ])
    return try await environment.disk.reserving(need, in: job.path, extra: extra) {
      hasExtra async throws(JobFailure) in
      try await merge(meta, blocks, hasExtra ? earlyDownsample : nil)
    }
  }

  private var earlyDownsample: EarlyDownsample? {
    downsampling.map { resolution in
      let id = BlockID.make(now: environment.now())
      return EarlyDownsample(id: id, resolution: resolution, directory: job.output(id))
    }
  }

  private func merge(
    _ meta: BlockMeta, _ blocks: LocalBlocks, _ early: EarlyDownsample?
  ) async throws(JobFailure) -> Outcome {
    let local = try await blocks.locate(inputs.map(\.id))
    let deletions = try await blocks.deletions(from: local)
    let merge = LocalMerge(
      inputs: local.map { ($0.id, $0.directory) }, output: job.output(meta.id), meta: meta,
      overlaps: overlaps, early: early, threadCount: environment.threadCount,
      report: environment.report(.merging, meta.id))
    defer { environment.observer.ended(meta.id) }
    let outcome: LocalMerge.Outcome
    do {
      outcome = try await environment.metrics.merges.observing(isVertical: isVertical) {
        () async throws(JobFailure) in
        try await onBlockingThreads(executor: .compaction) { () async throws(JobFailure) in
          try await merge.run()
        }
      }
    } catch {
      throw await blocks.judge(error, local)
    }
    switch outcome {
    case .stopped: return .stopped
    case .empty: return try await markEmptyInputs()
    case .merged(let block, let downsampled):
      try await publication.record(block, deletions)
      let outcome = try await publish(block, resumes: false)
      if case .merged(let published) = outcome, let early, let downsampled {
        await handOver(early, downsampled, of: published)
      }
      return outcome
    }
  }

  /// Leaves what was made on the way to the job that would make it. What fails is made by that job.
  private func handOver(
    _ early: EarlyDownsample, _ block: Result<EarlyDownsample.Block, BlockError>,
    of published: BlockMeta
  ) async {
    let successor = work.job(.downsampling, published.id.description)
    do {
      let block = try block.get()
      try await onBlockingThread { () throws(JobFailure) in
        try early.handOver(block, of: published, to: successor)
      }
    } catch {
      environment.logger.info(
        "a block is not downsampled while it is merged, but later",
        metadata: ["block": "\(published.id)", "error": "\(error)"])
    }
  }

  private var isVertical: Bool { !BlockOverlap.firstRun(in: inputs).isEmpty }

  private func publish(_ block: ProvenBlock, resumes: Bool) async throws(JobFailure) -> Outcome {
    guard !Task.isCancelled else { return .stopped }
    let published = try await publication.publish(block, resumes: resumes)
    try await lease.check()
    for input in inputs { try await mark(input.id) }
    return .merged(published)
  }

  private func markEmptyInputs() async throws(JobFailure) -> Outcome {
    let empty = inputs.filter { $0.stats.samples == 0 }.map(\.id)
    guard !empty.isEmpty else {
      throw JobFailure(
        block: inputs.first?.id, reason: "meta.json claims samples, none lie in its time range")
    }
    for id in empty { try await mark(id) }
    return .empty(empty)
  }

  private func mark(_ id: BlockID) async throws(JobFailure) {
    let marking = Marking(bucket: bucket, environment: environment)
    do {
      guard try await marking.delete(id, details: "source of compacted block") else { return }
    } catch {
      throw JobFailure(block: nil, reason: error.description)
    }
    environment.metrics.garbageCollectedBlocks.increment()
  }
}
