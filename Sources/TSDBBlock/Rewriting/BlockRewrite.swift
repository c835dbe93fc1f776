/// Makes the series of a new block out of those of others.
///
///     read a batch ──► transform it ──► write it        the first and the last in order on one
///                                                       thread; the middle on any
///
///     symbols of A, B, …  ──►  union                    each block: reference → ordinal
///
/// Memory is the symbol maps, the postings under construction and the batches under way, not the
/// series.
package struct BlockRewrite<Transform: SeriesTransform> {
  package typealias Summary = RewriteSummary
  package typealias Progress = RewriteProgress

  private let writer: BlockWriter
  private var reader: RewriteReader
  /// The block that is made on the way, if any.
  private var aside: AsideBlock?
  /// To be copied for each thread.
  package let transform: Transform
  private var summary = Summary()
  private var writtenBytes: UInt64 = 0

  /// Writes the symbols.
  init(
    _ inputs: [BlockReader], into writer: BlockWriter, aside: AsideBlock? = nil,
    _ transform: Transform
  ) throws(BlockMergeError) {
    self.writer = writer
    self.transform = transform
    var aside = aside
    let union = try SymbolUnion(of: inputs.map(\.index)) { (symbol) throws(BlockError) in
      try writer.addSymbol(symbol)
      aside?.addSymbol(symbol)
    }
    self.aside = aside
    reader = try RewriteReader(inputs, union)
  }

  package var progress: Progress {
    Progress(
      readSeries: reader.readCount, totalSeries: reader.seriesCount,
      writtenSamples: writer.stats.samples, writtenBytes: writtenBytes)
  }

  /// The next series; nil when there are no more.
  package mutating func next() throws(BlockMergeError) -> RewriteBatch? { try reader.next() }

  /// Writes what became of a batch. Batches are written in the order they were read.
  package mutating func write(_ output: RewriteOutput) throws(BlockMergeError) {
    try BlockMergeError.blaming(nil) { () throws(BlockError) in
      try output.series.write(to: writer)
    }
    summary.add(output.series)
    writtenBytes += UInt64(output.series.records.count)
    aside?.write(output)
  }

  /// Of everything written so far.
  package var result: RewriteResult {
    RewriteResult(summary: summary, aside: aside?.summary, asideFailure: aside?.failure)
  }

  /// Does everything on this thread.
  ///
  /// - Parameter report: called after each batch; false stops the rewrite.
  /// - Returns: nil when it was stopped.
  package mutating func run(
    report: (Progress) -> Bool
  ) throws(BlockMergeError) -> Summary? {
    var transform = transform
    var output = RewriteOutput()
    while let batch = try next() {
      try transform.transform(batch, into: &output)
      try write(output)
      guard report(progress) else { return nil }
    }
    return summary
  }
}

/// What making a block out of others did.
public struct RewriteSummary: Sendable {
  /// Of everything written; a check of the output must find the same.
  public internal(set) var fingerprint = BlockFingerprint()
  /// Series of the result.
  public internal(set) var series: UInt64 = 0

  mutating func add(_ records: SeriesRecords) {
    fingerprint.add(records.fingerprint)
    series += UInt64(records.series.count)
  }
}

/// What making a block, and maybe another one on the way, did.
package struct RewriteResult: Sendable {
  package let summary: RewriteSummary
  /// Of the block made on the way; nil where none was to be made.
  package let aside: RewriteSummary?
  /// Why that one cannot be used.
  package let asideFailure: BlockError?
}

/// How far the making of a block out of others has come.
public struct RewriteProgress: Sendable {
  /// Input series read so far.
  public var readSeries: Int
  /// Series of all inputs.
  public var totalSeries: Int
  /// Samples written so far; of downsampled series windows, each with up to five values.
  public var writtenSamples: UInt64
  /// Bytes of chunks written so far.
  public var writtenBytes: UInt64
}

/// What is done to series on their way from old blocks to a new one.
///
/// A value holds what it needs to read the inputs, and memory that it uses again.
package protocol SeriesTransform: Sendable {
  /// - Parameter output: what it holds is replaced; its memory is used again.
  /// - Throws: ``BlockMergeError`` that names the guilty input.
  mutating func transform(
    _ batch: RewriteBatch, into output: inout RewriteOutput
  ) throws(BlockMergeError)
}

/// A block that is read while another one is made.
struct SeriesInput: Sendable {
  let block: BlockReader
  let chunks: ChunkReader

  init(_ block: BlockReader) throws(BlockError) {
    self.block = block
    chunks = try block.chunks
  }

  /// The labels of a series as bytes, for messages.
  func labels(of id: UInt32) throws(BlockError) -> LabelSet {
    var references: [LabelReference] = []
    var ignored: [ChunkSpan] = []
    try block.index.appendSeries(id, labels: &references, chunks: &ignored)
    return try block.index.labels(references)
  }
}

extension SeriesInput {
  static func all(_ blocks: [BlockReader]) throws(BlockMergeError) -> [SeriesInput] {
    var inputs: [SeriesInput] = []
    for (input, block) in blocks.enumerated() {
      inputs.append(
        try BlockMergeError.blaming(input) { () throws(BlockError) in try SeriesInput(block) })
    }
    return inputs
  }
}
