internal import TSDBBlock

/// Downsamples a block that lies on a local disk, and proves the result. Its threads may block.
struct LocalDownsample: Sendable {
  let input: BlockID
  /// The directory of the input.
  let directory: String
  /// The directory to make.
  let output: String
  /// Of the block to make.
  let meta: BlockMeta
  let threadCount: Int
  /// False stops it.
  let report: WorkReport

  /// - Returns: nil when it was stopped.
  /// - Throws: ``JobFailure``; nothing is left in the output directory then.
  func run() async throws(JobFailure) -> ProvenBlock? {
    do {
      return try await downsampleAndVerify()
    } catch {
      FileSystem.removeTree(output)
      throw error
    }
  }

  private func downsampleAndVerify() async throws(JobFailure) -> ProvenBlock? {
    let reader = try JobFailure.blaming(input) { () throws(BlockError) in
      try BlockReader(directory: directory, followsLinks: false)
    }
    let writer = try JobFailure.blaming(nil) { () throws(BlockError) in
      try BlockWriter(directory: output)
    }
    guard let summary = try await downsample(reader, into: writer) else { return nil }
    return try JobFailure.blaming(nil) { () throws(BlockError) in
      let meta = DownsampledMeta.counted(meta, writer.stats)
      try writer.publish(meta)
      let proof = BlockProof(
        fingerprint: summary.fingerprint, series: summary.series, segments: writer.segmentNames)
      return try proof.verify(output, meta, threadCount: threadCount)
    }
  }

  private func downsample(
    _ reader: BlockReader, into writer: BlockWriter
  ) async throws(JobFailure) -> RewriteSummary? {
    let downsample = BlockDownsample(input: reader, resolution: meta.resolution)
    do {
      return try await ParallelRewrite.run(
        try downsample.rewrite(into: writer), threadCount: threadCount
      ) { progress in
        report(progress.readSeries, progress.totalSeries, progress.writtenSamples)
      }?.summary
    } catch {
      throw JobFailure(block: error.input.map { _ in input }, error.cause)
    }
  }
}
