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

  /// What a merge did.
  public struct Summary: Sendable {
    /// Of everything taken from the inputs; a check of the output must find the same.
    public internal(set) var fingerprint = BlockFingerprint()
    /// Series of the result.
    public internal(set) var series: UInt64 = 0
  }

  /// How far a merge has come.
  public struct Progress: Sendable {
    /// Input series read, and all there are.
    public var readSeries: Int
    /// Series of all inputs.
    public var totalSeries: Int
    /// Samples written so far.
    public var writtenSamples: UInt64
    /// Bytes of chunks written so far.
    public var writtenBytes: UInt64
  }

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
  ///   - report: called every few hundred series; false stops the merge.
  /// - Returns: nil when the merge was stopped.
  /// - Throws: ``BlockMergeError`` that names the guilty input.
  public func run(
    into writer: BlockWriter, report: (Progress) -> Bool = { _ in true }
  ) throws(BlockMergeError) -> Summary? {
    var rewrite = try rewrite(into: writer)
    let summary = try rewrite.run { progress in
      report(
        Progress(
          readSeries: progress.readSeries, totalSeries: progress.totalSeries,
          writtenSamples: progress.writtenSamples, writtenBytes: progress.writtenBytes))
    }
    return summary.map { Summary(fingerprint: $0.fingerprint, series: $0.series) }
  }

  /// The same in steps, for several threads. Writes the symbols.
  package func rewrite(
    into writer: BlockWriter
  ) throws(BlockMergeError) -> BlockRewrite<SeriesMerge> {
    try BlockRewrite(
      inputs, into: writer,
      SeriesMerge(try SeriesInput.all(inputs), range: range, overlaps: overlaps))
  }
}
