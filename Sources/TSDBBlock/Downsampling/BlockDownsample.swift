/// Downsamples a block.
///
///     symbols  all of the input, in its order
///     series   one after the other: its chunks, verified ──► ``SeriesDownsampler`` ──► writer
///
/// Memory is the postings under construction and a few series. Deleted samples are left out, which
/// the reference does not do.
public struct BlockDownsample {
  /// The block that is downsampled.
  public let input: BlockReader
  /// Milliseconds.
  public let resolution: Int64

  /// What a run did.
  public typealias Summary = RewriteSummary
  /// How far a run has come.
  public typealias Progress = RewriteProgress

  /// - Parameters:
  ///   - input: a raw block, or one of a finer resolution.
  ///   - resolution: 300,000 or 3,600,000 as Thanos does, or another one that is coarser than the
  ///     input's.
  public init(input: BlockReader, resolution: Int64) {
    self.input = input
    self.resolution = resolution
  }

  /// Writes symbols and series of the result; the caller publishes the writer.
  ///
  /// A series that has nothing but stale markers is left out.
  ///
  /// - Parameters:
  ///   - writer: a new one.
  ///   - report: called after every thousand series, or fewer; false stops the run.
  /// - Returns: nil when the run was stopped.
  /// - Throws: ``BlockMergeError``: the input is damaged, its chunks overlap, or the output cannot
  ///   be written.
  public func run(
    into writer: BlockWriter, report: (Progress) -> Bool = { _ in true }
  ) throws(BlockMergeError) -> Summary? {
    var rewrite = try rewrite(into: writer)
    return try rewrite.run(report: report)
  }

  /// The same in steps, for several threads. Writes the symbols.
  package func rewrite(
    into writer: BlockWriter
  ) throws(BlockMergeError) -> BlockRewrite<SeriesDownsample> {
    let inputResolution = input.meta.thanos?.resolution ?? 0
    guard resolution > inputResolution else {
      throw BlockMergeError(
        input: 0,
        cause: BlockError(
          .invalidInput, path: input.directory,
          detail: "has a resolution of \(inputResolution) ms, which cannot become "
            + "\(resolution) ms"))
    }
    let source = try BlockMergeError.blaming(0) { () throws(BlockError) in
      try SeriesInput(input)
    }
    return try BlockRewrite([input], into: writer, SeriesDownsample(source, resolution: resolution))
  }
}
