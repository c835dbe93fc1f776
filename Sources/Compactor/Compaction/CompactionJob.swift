internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// One plan, carried out.
///
///     inputs on disk ─► merge ─► read back and compare ─► upload: chunks, index,
///     sizes confirmed, meta.json ─► deletion marks on the inputs
///
/// Whatever step is the last one, nothing is lost: before meta.json is published the inputs are
/// untouched; after it the inputs are duplicates, which the next run marks.
struct CompactionJob: Sendable {
  let inputs: [BlockMeta]
  let group: BlockGroup
  let overlaps: OverlapPolicy
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
  }

  func run() async throws(JobFailure) -> Outcome {
    let id = BlockID.make(now: environment.now())
    let meta = MergedMeta.make(id: id, inputs: inputs, group: group)
    return try await work.using(.compaction, group.key.description) {
      directory async throws(JobFailure) in
      try await mergeLocally(meta, in: directory)
    }
  }

  private func mergeLocally(
    _ meta: BlockMeta, in directory: String
  ) async throws(JobFailure) -> Outcome {
    let blocks = LocalBlocks(bucket: bucket, directory: directory)
    var byteCount: Int64 = 0
    for input in inputs {
      byteCount = DiskSpace.sum(byteCount, try await input.byteCount(in: bucket))
    }
    let need = blocks.need(reading: byteCount, writing: byteCount)
    environment.logger.info(
      "merging blocks",
      metadata: [
        "group": "\(group.key)", "block": "\(meta.id)", "inputs": "\(inputs.count)",
        "bytes": "\(byteCount)", "needed_bytes": "\(need)",
      ])
    return try await environment.disk.reserving(need, in: directory) {
      () async throws(JobFailure) in
      try await merge(meta, in: directory, blocks)
    }
  }

  private func merge(
    _ meta: BlockMeta, in directory: String, _ blocks: LocalBlocks
  ) async throws(JobFailure) -> Outcome {
    var local: [(id: BlockID, directory: String)] = []
    for input in inputs {
      local.append((input.id, try await blocks.directory(of: input.id)))
    }
    let merge = LocalMerge(
      inputs: local, output: "\(directory)/\(meta.id)", meta: meta, overlaps: overlaps,
      threadCount: environment.threadCount, report: environment.report(.merging, meta.id))
    defer { environment.observer.ended(meta.id) }
    let outcome = try await onBlockingThreads(
      executor: .compaction
    ) { () async throws(JobFailure) in try await merge.run() }
    switch outcome {
    case .stopped: return .stopped
    case .empty: return try await markEmptyInputs()
    case .merged(let upload):
      guard !Task.isCancelled else { return .stopped }
      return .merged(try await publish(upload))
    }
  }

  private func publish(_ upload: BlockUpload) async throws(JobFailure) -> BlockMeta {
    let published: BlockMeta
    try await lease.check()
    do {
      published = try await upload.run(to: bucket, now: environment.now())
    } catch {
      throw JobFailure(block: nil, reason: error.description)
    }
    try await lease.check()
    for input in inputs { try await mark(input.id) }
    return published
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
