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
  let bucket: any Bucket
  let work: WorkDirectory
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
    let key = group.key
    let work = work
    let directory = try await onBlockingThread { () throws(JobFailure) in
      try JobFailure.blaming(nil) { () throws(BlockError) in try work.make(for: key) }
    }
    let outcome = try await mergeLocally(meta, in: directory)
    await onBlockingThread { work.remove(for: key) }
    return outcome
  }

  private func mergeLocally(
    _ meta: BlockMeta, in directory: String
  ) async throws(JobFailure) -> Outcome {
    var local: [(id: BlockID, directory: String)] = []
    for input in inputs {
      local.append((input.id, try await localDirectory(of: input.id, below: directory)))
    }
    let observer = environment.observer
    let merge = LocalMerge(
      inputs: local, output: "\(directory)/\(meta.id)", meta: meta,
      report: { progress in
        observer.merging(meta.id, progress)
        return !Task.isCancelled
      })
    let outcome = try await onBlockingThread { () throws(JobFailure) in try merge.run() }
    observer.ended(meta.id)
    switch outcome {
    case .stopped: return .stopped
    case .empty: return try await markEmptyInputs()
    case .merged(let upload):
      guard !Task.isCancelled else { return .stopped }
      return .merged(try await publish(upload))
    }
  }

  /// Where the block can be mapped; a remote one is downloaded first.
  private func localDirectory(
    of id: BlockID, below directory: String
  ) async throws(JobFailure) -> String {
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

  private func publish(_ upload: BlockUpload) async throws(JobFailure) -> BlockMeta {
    let published: BlockMeta
    do {
      published = try await upload.run(to: bucket, now: environment.now())
    } catch {
      throw JobFailure(block: nil, reason: error.description)
    }
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
    let mark = DeletionMark(
      id: id, details: "source of compacted block", time: environment.now() / 1000)
    do {
      guard try await BlockMarking.write(mark, of: id, in: bucket) else { return }
    } catch {
      throw JobFailure(block: nil, reason: error.description)
    }
    environment.metrics.blocksMarked(marker: DeletionMark.fileName, reason: "").increment()
    environment.metrics.garbageCollectedBlocks.increment()
  }
}
