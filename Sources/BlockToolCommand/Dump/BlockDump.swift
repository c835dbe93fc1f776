internal import Console
internal import TSDBBlock

/// Hands the samples of selected series to a writer, chunk by chunk; what cannot be read is told
/// and left out.
///
///     series ──► chunk of floats or histograms                     ──► writer
///            └─► aggregate chunk ──► count, sum, min, max, counter ──► writer
struct BlockDump {
  private var writer: any DumpWriter
  private let kinds: [AggregateChunk.Kind]
  private let namesKinds: Bool
  private let context: ToolContext
  private var columns = ChunkColumns()
  private var status = ToolStatus.clean
  /// Series with samples that the format has no form for.
  private var refused = 0

  /// - Parameter only: the aggregate to print of downsampled chunks, as if they were raw ones; nil
  ///   for all with their names.
  init(_ writer: any DumpWriter, only: AggregateChunk.Kind?, _ context: ToolContext) {
    self.writer = writer
    kinds = only.map { [$0] } ?? AggregateChunk.Kind.allCases
    namesKinds = only == nil
    self.context = context
  }

  mutating func run(_ series: SeriesReader) throws -> ToolStatus {
    var series = series
    try writer.begin()
    while true {
      do throws(BlockError) {
        guard try series.next() else { break }
      } catch {
        context.remark("blocktool: \(error); see blocktool inspect")
        status = .damaged
        continue
      }
      try dump(series)
    }
    try writer.end()
    guard refused > 0 else { return status }
    context.remark(
      "blocktool: \(HumanText.plural(refused, "series", "series")) with native histograms or "
        + "aggregates left out, for which OpenMetrics text has no form; use --format json, csv or "
        + "prom, or --aggregate")
    return status == .clean ? .failed : status
  }

  private mutating func dump(_ series: SeriesReader) throws {
    writer.beginSeries(series.labels)
    var isComplete = true
    for chunk in series.chunks where try !dump(chunk, of: series) { isComplete = false }
    try writer.endSeries()
    if !isComplete { refused += 1 }
  }

  /// - Returns: whether the format has a form for the chunk.
  private mutating func dump(_ chunk: ChunkSpan, of series: SeriesReader) throws -> Bool {
    if let error = read(chunk, of: series) {
      if error.code == .unsupportedEncoding,
        (try? series.encoding(of: chunk)) == .aggregate
      {
        return try dumpAggregates(chunk, series)
      }
      lose(chunk, series, error)
    }
    // Of a damaged chunk the samples before the damage.
    return try write(nil)
  }

  private mutating func read(_ chunk: ChunkSpan, of series: SeriesReader) -> BlockError? {
    do throws(BlockError) {
      try series.read(chunk, into: &columns)
      return nil
    } catch {
      return error
    }
  }

  /// - Returns: whether the format has a form for them.
  private mutating func dumpAggregates(
    _ chunk: ChunkSpan, _ series: SeriesReader
  ) throws -> Bool {
    for kind in kinds {
      do throws(BlockError) {
        guard try series.read(kind, of: chunk, into: &columns) else { continue }
      } catch {
        lose(chunk, series, error)
      }
      guard try write(namesKinds ? kind : nil) else { return false }
    }
    return true
  }

  private mutating func write(_ kind: AggregateChunk.Kind?) throws -> Bool {
    columns.count == 0 ? true : try writer.write(columns, kind)
  }

  private mutating func lose(_ chunk: ChunkSpan, _ series: SeriesReader, _ error: BlockError) {
    context.remark(
      "blocktool: \(error); lost: \(series.labels) from \(HumanText.time(chunk.minTime)) to "
        + HumanText.time(chunk.maxTime))
    status = .damaged
  }
}

/// A form of samples as text. Called for a chunk, not for a sample.
protocol DumpWriter {
  mutating func begin() throws
  mutating func beginSeries(_ labels: LabelSet)
  /// - Parameters:
  ///   - columns: not empty.
  ///   - kind: the aggregate they are; nil for samples.
  /// - Returns: false when the form has nothing for them; then nothing was written.
  mutating func write(_ columns: ChunkColumns, _ kind: AggregateChunk.Kind?) throws -> Bool
  mutating func endSeries() throws
  mutating func end() throws
}

extension DumpWriter {
  mutating func begin() throws {}
  mutating func endSeries() throws {}
  mutating func end() throws {}
}
