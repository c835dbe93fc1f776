/// Merges blocks into one.
///
///     symbols of A, B, …  ──►  union                     each block: reference → ordinal
///     series  of A, B, …  ──►  k-way merge by ordinals   integers, no strings
///     chunks  of a series ──►  in time order             copied as bytes, checksum verified
///
/// A chunk is decoded only where it reaches beyond the range of the result, is partly deleted, or
/// overlaps another one of its series, see ``OverlapPolicy``. Chunks that do not are never joined. Memory is the symbol maps and the postings under construction, not the
/// series.
public struct BlockMerge {
  public let inputs: [BlockReader]
  /// Times the result covers: both ends inclusive, in milliseconds.
  public let range: ClosedRange<Int64>
  /// What becomes of chunks of one series that claim the same time.
  public let overlaps: OverlapPolicy

  /// What a merge did.
  public struct Summary: Sendable {
    /// Of everything taken from the inputs; a check of the output must find the same.
    public internal(set) var fingerprint = BlockFingerprint()
    public internal(set) var series: UInt64 = 0
  }

  /// How far a merge has come.
  public struct Progress: Sendable {
    /// Input series read, and all there are.
    public var readSeries: Int
    public var totalSeries: Int
    public var writtenSamples: UInt64
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

  private static let seriesPerReport = 1024

  /// Writes symbols and series of the result; the caller publishes the writer.
  ///
  /// - Parameter report: called every thousand series; false stops the merge.
  /// - Returns: nil when the merge was stopped.
  /// - Throws: ``BlockMergeError`` that names the guilty input.
  public func run(
    into writer: BlockWriter, report: (Progress) -> Bool = { _ in true }
  ) throws(BlockMergeError) -> Summary? {
    let union = try SymbolUnion(of: inputs.map(\.index)) { (symbol) throws(BlockError) in
      try writer.addSymbol(symbol)
    }
    var cursors: [SeriesCursor] = []
    for (input, block) in inputs.enumerated() {
      cursors.append(
        try BlockMergeError.blaming(input) { () throws(BlockError) in
          try SeriesCursor(block, map: union.maps[input])
        })
    }
    var output = SeriesMerge(range: range, overlaps: overlaps, writer: writer)
    let total = cursors.reduce(0) { $0 + $1.seriesCount }
    var read = 0
    var nextReport = 0
    var heap = MergeHeap()
    for input in cursors.indices { try Self.advance(input, &cursors, &heap) }
    var equal: [Int] = []
    while let first = heap.pop({ SeriesCursor.order(cursors[$0], cursors[$1]) }) {
      equal.removeAll(keepingCapacity: true)
      equal.append(first)
      while let other = heap.top, SeriesCursor.order(cursors[first], cursors[other]) == 0 {
        _ = heap.pop { SeriesCursor.order(cursors[$0], cursors[$1]) }
        equal.append(other)
      }
      try output.merge(equal, of: cursors)
      read += equal.count
      if read >= nextReport {
        nextReport = read + Self.seriesPerReport
        guard report(output.progress(read: read, total: total)) else { return nil }
      }
      for input in equal { try Self.advance(input, &cursors, &heap) }
    }
    _ = report(output.progress(read: read, total: total))
    return output.summary
  }

  private static func advance(
    _ input: Int, _ cursors: inout [SeriesCursor], _ heap: inout MergeHeap
  ) throws(BlockMergeError) {
    let hasMore = try BlockMergeError.blaming(input) { () throws(BlockError) in
      try cursors[input].advance()
    }
    if hasMore { heap.push(input) { SeriesCursor.order(cursors[$0], cursors[$1]) } }
  }
}
