/// Makes a new block of what is left of a damaged one.
///
///     index    series entries found by their checksums ──► labels ──► sorted, equal ones merged
///                 SeriesHunt                             SalvagedLabels   SeriesOrder
///     chunks   file of each segment ──► record ──► times as the index says ──► sorted, merged, cut
///                 SalvagedSegments                    ChunkProof               SalvagedSeries
///     rest     postings, tables, statistics made anew; deletions and lineage taken over
///
/// Only what is proven goes into the new block: a checksum covers the entry, the labels and the
/// chunk, the chunk's first and last samples have the times that the entry states, and no other
/// series claims it. What is not, is in the ``SalvageReport``, with the series and the times.
///
/// The damaged block is mapped for reading and never touched. Memory: 8 bytes a series and 4 a chunk
/// beside what writing a block takes; 8 a symbol, and where the symbols are damaged 8 for each label
/// of each series.
public struct BlockSalvage {
  /// The damaged block.
  public let directory: String
  /// Whether samples outside the range of meta.json are kept and the range widened. They are cut off
  /// otherwise, as long as the range can be right: where more than one chunk in twenty lies outside,
  /// it is the range that is believed to be wrong.
  public var keepsOutsideSamples = false

  /// - Parameter directory: of the damaged block.
  public init(directory: String) { self.directory = directory }

  /// How far a salvage has come.
  public struct Progress: Sendable {
    /// Series that are done, and all that were found.
    public var readSeries: Int
    /// Series that were found.
    public var totalSeries: Int
    /// Samples of the new block so far.
    public var writtenSamples: UInt64
  }

  /// Finds out what can be saved, and writes nothing.
  ///
  /// - Parameter report: called every few hundred series; false stops.
  /// - Returns: nil when it was stopped.
  /// - Throws: ``BlockError`` when there is no such directory.
  /// - Complexity: O(bytes of the block); every chunk is decoded.
  public func examine(
    report: (Progress) -> Bool = { _ in true }
  ) throws(BlockError) -> SalvageReport? {
    try run(into: nil, id: .zero, report)
  }

  /// Writes the new block.
  ///
  /// Nothing is written, and the report has no ``SalvageReport/meta``, when no sample can be saved.
  ///
  /// - Parameters:
  ///   - output: the directory of the new block, whose parent is there. It appears when it is
  ///     complete.
  ///   - id: of the new block. The old one becomes its parent, so a Prometheus that finds both in
  ///     one directory deletes the old one.
  ///   - report: called every few hundred series; false stops, and nothing is left behind.
  /// - Returns: nil when it was stopped.
  /// - Throws: ``BlockError`` when there is no such directory or the new one cannot be written.
  /// - Complexity: O(bytes of the block); every chunk is decoded.
  public func write(
    to output: String, id: BlockID, report: (Progress) -> Bool = { _ in true }
  ) throws(BlockError) -> SalvageReport? {
    try run(into: output, id: id, report)
  }

  private func run(
    into output: String?, id: BlockID, _ report: (Progress) -> Bool
  ) throws(BlockError) -> SalvageReport? {
    guard FileSystem.exists(directory) else {
      throw BlockError(.missing, path: directory, detail: "there is no such directory")
    }
    var run = SalvageRun(directory, keepsOutsideSamples: keepsOutsideSamples)
    run.findSeries()
    run.findSegments()
    guard try run.save(to: output, id, report) else { return nil }
    return run.report
  }
}
