/// Makes a block of another one without some of its samples, or under other labels.
///
///     first pass    entry ──► new labels, chunks that stay ──► symbols that are used
///                                                          ──► order of the series
///     second pass   series in order ──► equal ones merged ──► chunks copied, cut or merged
///
/// Symbols that no series uses any more are gone from the result, deletions in the tombstones are
/// applied. Memory: 4 bytes a series and 13 a symbol, the strings that are new, and where labels change
/// a batch of series that is sorted at a time.
public struct BlockEdit {
  /// A request to delete samples.
  public struct Deletion: Sendable {
    /// Conditions, all of which a series must match; a label that is not there matches none.
    public var matchers: [LabelMatcher]
    /// Closed ranges of time, in milliseconds; everything when there is none.
    public var intervals: [ClosedRange<Int64>]

    /// A request.
    public init(matchers: [LabelMatcher], intervals: [ClosedRange<Int64>] = []) {
      self.matchers = matchers
      self.intervals = intervals
    }
  }

  /// What happened to a series.
  public enum Change: Sendable {
    /// Samples of these closed ranges are deleted.
    case deleted(LabelSet, [ClosedRange<Int64>])
    /// The series has other labels; nil when they are all gone, and the series with them.
    case relabelled(LabelSet, LabelSet?)
  }

  /// What a run did.
  public typealias Summary = RewriteSummary

  /// The block.
  public let input: BlockReader
  /// What is deleted before labels change.
  public var deletions: [Deletion] = []
  /// Gives the new labels of a series, nil when it goes. Called up to three times for each series: it
  /// must always say the same.
  public var relabel: (@Sendable (LabelSet) -> LabelSet?)?

  /// Series that are sorted at a time.
  var batchSize = 1 << 16

  /// An edit that changes nothing yet.
  public init(input: BlockReader) { self.input = input }

  /// Finds out what would change, and writes nothing.
  ///
  /// - Parameter onChange: told of every series that changes, in the order of the block.
  /// - Throws: ``BlockError`` when the index is damaged.
  public func examine(onChange: (Change) throws -> Void) throws {
    var pass = EditPass(self, try tombstones())
    try pass.run(onChange: onChange, onSeries: { _, _, _ in })
  }

  /// Writes symbols and series of the result; the caller publishes the writer.
  ///
  /// - Parameters:
  ///   - writer: a new one.
  ///   - report: called after every thousand series, or fewer; false stops the edit.
  /// - Returns: nil when the edit was stopped. Without any series when none is left.
  /// - Throws: ``BlockMergeError``.
  public func run(
    into writer: BlockWriter, report: (RewriteProgress) -> Bool = { _ in true }
  ) throws(BlockMergeError) -> Summary? {
    let deleted = try BlockMergeError.blaming(0) { () throws(BlockError) in try tombstones() }
    var plan = try BlockMergeError.blaming(0) { () throws(BlockError) in
      try EditPlan(self, deleted)
    }
    try BlockMergeError.blaming(nil) { () throws(BlockError) in
      try plan.symbols.write(to: writer)
    }
    try BlockMergeError.blaming(0) { () throws(BlockError) in try plan.sort() }
    let inputs = Array(
      repeating: try BlockMergeError.blaming(0) { () throws(BlockError) in
        try SeriesInput(input)
      }, count: plan.mostEqual)
    var merge = SeriesMerge(
      inputs, range: Int64.min...Int64.max,
      overlaps: input.meta.resolution > 0 ? .penalty : .chain, deleting: deleted)
    var summary = Summary()
    var reader = EditReader(plan)
    var output = RewriteOutput()
    while let batch = try BlockMergeError.blaming(
      0,
      { () throws(BlockError) in
        try reader.next()
      })
    {
      do throws(BlockMergeError) {
        try merge.transform(batch, into: &output)
      } catch {
        throw BlockMergeError(input: 0, cause: error.cause)
      }
      try BlockMergeError.blaming(nil) { () throws(BlockError) in
        try output.series.write(to: writer)
      }
      summary.add(output.series)
      let progress = RewriteProgress(
        readSeries: reader.readCount, totalSeries: plan.ids.count,
        writtenSamples: writer.stats.samples, writtenBytes: 0)
      guard report(progress) else { return nil }
    }
    return summary
  }

  /// What the block's tombstones and the requests delete together.
  ///
  /// A window of a downsampled block goes when any of its time is deleted: what it was made of is not
  /// known.
  private func tombstones() throws(BlockError) -> Tombstones {
    var tombstones = input.tombstones
    let resolution = input.meta.resolution
    for deletion in deletions {
      let present = try Set(deletion.matchers.map(\.name)).map { (name) throws(BlockError) in
        try LabelMatcher(.notEqual, name: name, value: [])
      }
      let ids = try input.index.select(deletion.matchers + present, allowsRemaining: false).ids
      let intervals = deletion.intervals.isEmpty ? [Int64.min...Int64.max] : deletion.intervals
      for id in ids {
        for interval in intervals {
          tombstones.delete(Self.windows(interval, resolution), ofSeries: id)
        }
      }
    }
    return tombstones
  }

  private static func windows(
    _ interval: ClosedRange<Int64>, _ resolution: Int64
  ) -> ClosedRange<Int64> {
    guard resolution > 0 else { return interval }
    let end = interval.upperBound
    let part = end % resolution
    let (last, overflow) = end.addingReportingOverflow(
      resolution - 1 - (part < 0 ? part + resolution : part))
    return interval.lowerBound...(overflow ? .max : last)
  }
}
