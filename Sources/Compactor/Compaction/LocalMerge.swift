internal import TSDBBlock

/// Merges blocks that lie on local disks, and proves the result. Its threads may block.
struct LocalMerge: Sendable {
  /// Directories of the inputs, in the order of the plan.
  let inputs: [(id: BlockID, directory: String)]
  /// The directory to make.
  let output: String
  let meta: BlockMeta
  let overlaps: OverlapPolicy
  /// Makes a downsampled block on the way, if any.
  let early: EarlyDownsample?
  let threadCount: Int
  /// False stops the merge.
  let report: WorkReport

  enum Outcome: Sendable {
    /// Beside the block, the downsampled one, or why there is none.
    case merged(ProvenBlock, early: Result<EarlyDownsample.Block, BlockError>?)
    /// The inputs hold no sample in their range.
    case empty
    case stopped
  }

  /// - Throws: ``JobFailure``; nothing is left in the output directory then.
  func run() async throws(JobFailure) -> Outcome {
    do {
      return try await mergeAndVerify()
    } catch {
      FileSystem.removeTree(output)
      if let early { FileSystem.removeTree(early.directory) }
      throw error
    }
  }

  private func mergeAndVerify() async throws(JobFailure) -> Outcome {
    guard meta.maxTime > meta.minTime else { return .empty }
    var readers: [BlockReader] = []
    for input in inputs {
      readers.append(
        try JobFailure.blaming(input.id) { () throws(BlockError) in
          try BlockReader(directory: input.directory, followsLinks: false)
        })
    }
    let writer = try JobFailure.blaming(nil) { () throws(BlockError) in
      try BlockWriter(directory: output)
    }
    let earlyWriter = early.map { early in
      Result { () throws(BlockError) in try early.writer() }
    }
    guard let result = try await merge(readers, into: writer, try? earlyWriter?.get()) else {
      return .stopped
    }
    guard result.summary.series > 0 else { return .empty }
    let block = try JobFailure.blaming(nil) { () throws(BlockError) -> ProvenBlock? in
      var meta = meta
      meta.stats = writer.stats
      try writer.publish(meta)
      let proof = BlockProof(
        fingerprint: result.summary.fingerprint, series: meta.stats.series,
        segments: writer.segmentNames)
      return try proof.verify(output, meta, threadCount: threadCount)
    }
    guard let block else { return .stopped }
    guard let early, let earlyWriter else { return .merged(block, early: nil) }
    let downsampled = Result { () throws(BlockError) in
      try early.finish(try earlyWriter.get(), result, of: block.meta)
    }
    return .merged(block, early: downsampled)
  }

  private func merge(
    _ readers: [BlockReader], into writer: BlockWriter, _ earlyWriter: BlockWriter?
  ) async throws(JobFailure) -> RewriteResult? {
    let merge = BlockMerge(
      inputs: readers, range: meta.minTime...meta.maxTime - 1, overlaps: overlaps)
    do {
      let rewrite =
        if let early, let earlyWriter {
          try merge.rewrite(
            into: writer, downsampledTo: early.resolution, into: earlyWriter)
        } else {
          try merge.rewrite(into: writer)
        }
      return try await ParallelRewrite.run(rewrite, threadCount: threadCount) { progress in
        report(progress.readSeries, progress.totalSeries, progress.writtenSamples)
      }
    } catch {
      throw JobFailure(block: error.input.map { inputs[$0].id }, error.cause)
    }
  }
}
