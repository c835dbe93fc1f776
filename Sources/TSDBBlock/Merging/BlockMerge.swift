/// Merges blocks into one.
///
///     symbols of A, B, …  ──►  union                     each block: reference → ordinal
///     series  of A, B, …  ──►  k-way merge by ordinals   integers, no strings
///     chunks  of a series ──►  in time order             copied as bytes, checksum verified
///
/// A chunk is decoded only where it reaches beyond the range of the result, is partly deleted, or
/// overlaps another one of its series, see ``OverlapPolicy``. Chunks that do not are never joined.
public struct BlockMerge {
  /// The blocks that are merged.
  public let inputs: [BlockReader]
  /// Times the result covers: both ends inclusive, in milliseconds.
  public let range: ClosedRange<Int64>
  /// What becomes of chunks of one series that claim the same time.
  public let overlaps: OverlapPolicy

  /// What a run did.
  public typealias Summary = RewriteSummary
  /// How far a run has come.
  public typealias Progress = RewriteProgress

  /// - Parameters:
  ///   - inputs: the blocks. Among chunks with samples of one time, those of earlier blocks are
  ///     looked at first.
  ///   - range: chunks beyond it are dropped or cut.
  ///   - overlaps: chunks of one series that claim the same time are an error unless this says
  ///     how to merge them.
  public init(
    inputs: [BlockReader], range: ClosedRange<Int64>, overlaps: OverlapPolicy = .refuse
  ) {
    self.inputs = inputs
    self.range = range
    self.overlaps = overlaps
  }

  /// Writes symbols and series of the result; the caller publishes the writer.
  ///
  /// - Parameters:
  ///   - writer: a new one.
  ///   - report: called after every thousand series, or fewer; false stops the merge.
  /// - Returns: nil when the merge was stopped.
  /// - Throws: ``BlockMergeError`` that names the guilty input.
  public func run(
    into writer: BlockWriter, report: (Progress) -> Bool = { _ in true }
  ) throws(BlockMergeError) -> Summary? {
    var rewrite = try rewrite(into: writer)
    return try rewrite.run(report: report)
  }

  /// The same in steps, for several threads. Writes the symbols.
  package func rewrite(
    into writer: BlockWriter
  ) throws(BlockMergeError) -> BlockRewrite<SeriesMerge> {
    try BlockRewrite(inputs, into: writer, try transform(nil))
  }

  /// The same, and what ``BlockDownsample`` would make of the result goes into a second block.
  ///
  /// - Parameter resolution: milliseconds, coarser than that of the inputs, which have one.
  package func rewrite(
    into writer: BlockWriter, downsampledTo resolution: Int64, into aside: BlockWriter
  ) throws(BlockMergeError) -> BlockRewrite<SeriesMerge> {
    let downsample = MergeDownsample(from: inputs.first?.meta.resolution ?? 0, to: resolution)
    return try BlockRewrite(
      inputs, into: writer, aside: AsideBlock(aside), try transform(downsample))
  }

  private func transform(
    _ downsample: MergeDownsample?
  ) throws(BlockMergeError) -> SeriesMerge {
    SeriesMerge(
      try SeriesInput.all(inputs), range: range, overlaps: overlaps, downsample: downsample)
  }
}
