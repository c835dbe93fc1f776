internal import TSDBBlock

/// Downsamples a block while it is merged, where that it will be downsampled is foreseen.
///
///     merge ─┬─► merged block ─► proof ─► upload ─► marks
///            └─► coarser block ─────────────────────────► directory and journal of the
///                                                         ``DownsampleJob`` of the merged block
///
/// That job finds the block as if it had made it before a stop: it reads it back and uploads it when
/// its turn comes. What goes wrong on the way does not disturb the merge; the job then does all of
/// its work itself.
struct EarlyDownsample: Sendable {
  /// Of the coarser block.
  let id: BlockID
  /// Milliseconds.
  let resolution: Int64
  /// Where it is made.
  let directory: String

  /// Its postings wait on disk sooner than those of the merged block, which is made at the same time.
  private static let postingsByteCountLimit = 32 << 20

  /// A coarser block that is whole, and not read back yet.
  struct Block: Sendable {
    let stats: BlockMeta.Stats
    let proof: BlockProof
  }

  func writer() throws(BlockError) -> BlockWriter {
    try BlockWriter(
      directory: directory, postingsByteCountLimit: Self.postingsByteCountLimit)
  }

  /// Finishes the block.
  ///
  /// - Parameters:
  ///   - result: of the merge.
  ///   - meta: of the merged block.
  func finish(
    _ writer: BlockWriter, _ result: RewriteResult, of meta: BlockMeta
  ) throws(BlockError) -> Block {
    if let failure = result.asideFailure { throw failure }
    guard let summary = result.aside else {
      throw BlockError(.invalidInput, path: directory, detail: "was not asked for")
    }
    let stats = writer.stats
    // What it says at last is known when the merged block is published.
    try writer.publish(planned(from: meta, stats))
    return Block(
      stats: stats,
      proof: BlockProof(
        fingerprint: summary.fingerprint, series: summary.series, segments: writer.segmentNames))
  }

  /// Leaves the block to the job whose work it is.
  ///
  /// - Parameter meta: of the merged block, as published.
  func handOver(
    _ block: Block, of meta: BlockMeta, to job: JobDirectory
  ) throws(JobFailure) {
    // As the job will read it, to the last digit.
    guard let published = try? BlockMeta(json: meta.jsonBytes()) else {
      throw JobFailure(block: nil, reason: "meta.json of the merged block cannot be read again")
    }
    let journal = Journal(
      method: DownsampleJob.method, deletions: InputDeletions(),
      meta: planned(from: published, block.stats), proof: block.proof)
    try job.adopt(directory, journal)
  }

  private func planned(from meta: BlockMeta, _ stats: BlockMeta.Stats) -> BlockMeta {
    DownsampledMeta.counted(
      DownsampledMeta.make(id: id, from: meta, resolution: resolution), stats)
  }
}
