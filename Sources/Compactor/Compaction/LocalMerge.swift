internal import TSDBBlock

/// Merges blocks that lie on local disks, and proves the result. Its threads may block.
struct LocalMerge: Sendable {
  /// Directories of the inputs, in the order of the plan.
  let inputs: [(id: BlockID, directory: String)]
  /// The directory to make.
  let output: String
  let meta: BlockMeta
  let overlaps: OverlapPolicy
  let threadCount: Int
  /// False stops the merge.
  let report: WorkReport

  enum Outcome: Sendable {
    case merged(ProvenBlock)
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
    guard let summary = try await merge(readers, into: writer) else { return .stopped }
    guard summary.series > 0 else { return .empty }
    return try JobFailure.blaming(nil) { () throws(BlockError) in
      var meta = meta
      meta.stats = writer.stats
      try writer.publish(meta)
      let proof = BlockProof(
        fingerprint: summary.fingerprint, series: meta.stats.series,
        segments: writer.segmentNames)
      return try proof.verify(output, meta, threadCount: threadCount).map { .merged($0) }
        ?? .stopped
    }
  }

  private func merge(
    _ readers: [BlockReader], into writer: BlockWriter
  ) async throws(JobFailure) -> BlockRewrite<SeriesMerge>.Summary? {
    let merge = BlockMerge(
      inputs: readers, range: meta.minTime...meta.maxTime - 1, overlaps: overlaps)
    do {
      return try await ParallelRewrite.run(
        try merge.rewrite(into: writer), threadCount: threadCount
      ) { progress in
        report(progress.readSeries, progress.totalSeries, progress.writtenSamples)
      }
    } catch {
      throw JobFailure(block: error.input.map { inputs[$0].id }, error.cause)
    }
  }
}
