internal import TSDBBlock
internal import TestSupport

/// What a cursor reads of its current series, as the lines of the golden files.
struct SeriesLines {
  var lines: [(time: Int64, line: String)] = []
  /// As the golden files count: of a downsampled chunk the samples of its count aggregate.
  var sampleCount = 0

  init() {}

  init(_ series: SeriesReader, _ columns: inout ChunkColumns) throws(BlockError) {
    for chunk in series.chunks { try add(chunk, series, &columns) }
  }

  mutating func add(
    _ chunk: ChunkSpan, _ series: SeriesReader, _ columns: inout ChunkColumns
  ) throws(BlockError) {
    guard try series.encoding(of: chunk) == .aggregate else {
      try series.read(chunk, into: &columns)
      sampleCount += columns.count
      lines += canonicalLines(columns)
      return
    }
    for kind in AggregateChunk.Kind.allCases
    where try series.read(kind, of: chunk, into: &columns) {
      if kind == .count { sampleCount += columns.count }
      lines += canonicalLines(columns).map { (time: $0.time, line: "A \(kind) \($0.line)") }
    }
  }

  var fingerprint: String {
    var hash = FNV64()
    for line in lines { hash.update(line.line.utf8) }
    return hash.hex
  }
}
