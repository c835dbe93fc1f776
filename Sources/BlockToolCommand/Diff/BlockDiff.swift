internal import Console
internal import TSDBBlock

/// Goes through the series of two blocks side by side, in the order of their labels.
///
///     A   a b   d            a, d in both: their samples are compared
///     B   a   c d            b only in A, c only in B
///
/// What cannot be read is told and counts as absent.
struct BlockDiff {
  private var left: DiffSide
  private var right: DiffSide
  private let comparesChunks: Bool
  private var report: DiffReport
  private let context: ToolContext

  init(
    _ left: DiffSide, _ right: DiffSide, comparesChunks: Bool, _ report: DiffReport,
    _ context: ToolContext
  ) {
    self.left = left
    self.right = right
    self.comparesChunks = comparesChunks
    self.report = report
    self.context = context
  }

  mutating func run() throws -> ToolStatus {
    try left.advance(context)
    try right.advance(context)
    while left.hasSeries || right.hasSeries {
      if !right.hasSeries || (left.hasSeries && left.labels < right.labels) {
        try report.only(.first, left.labels, try left.samples(context))
        try left.advance(context)
      } else if !left.hasSeries || right.labels < left.labels {
        try report.only(.second, right.labels, try right.samples(context))
        try right.advance(context)
      } else {
        try compareSeries()
        try left.advance(context)
        try right.advance(context)
      }
    }
    try report.finish()
    if left.isDamaged || right.isDamaged { return .damaged }
    return report.isEqual ? .clean : .different
  }

  private mutating func compareSeries() throws {
    let labels = left.labels
    report.beginSeries()
    if let samples = left.sampleCountIfSameBytes(as: right) {
      report.countEqual(samples)
      try report.endSeries(labels)
      return
    }
    if comparesChunks { try compareChunks(labels) }
    var (l, r) = (DiffCursor(try left.samples(context)), DiffCursor(try right.samples(context)))
    while l.hasSample || r.hasSample {
      if !r.hasSample || (l.hasSample && l.key < r.key) {
        try report.sample(labels, l.sample, nil)
        l.advance()
      } else if !l.hasSample || r.key < l.key {
        try report.sample(labels, nil, r.sample)
        r.advance()
      } else {
        if l.isEqual(to: r) {
          report.countEqual(1)
        } else {
          try report.sample(labels, l.sample, r.sample)
        }
        l.advance()
        r.advance()
      }
    }
    try report.endSeries(labels)
  }

  /// By place: the first chunk of one with the first of the other.
  private mutating func compareChunks(_ labels: LabelSet) throws {
    let (ours, theirs) = (left.chunks(context), right.chunks(context))
    for index in 0..<max(ours.count, theirs.count) {
      let l = index < ours.count ? ours[index] : nil
      let r = index < theirs.count ? theirs[index] : nil
      if l != r { try report.chunk(labels, index, l, r) }
    }
  }
}

/// A chunk as far as `--chunks` compares it.
struct DiffChunk: Equatable {
  var minTime: Int64
  var maxTime: Int64
  var encoding: ChunkEncoding
}

/// A position among the series of one of the two blocks.
struct DiffSide {
  private let path: String
  private var series: SeriesReader
  private var columns = ChunkColumns()
  private var previous: LabelSet?
  private(set) var hasSeries = false
  private(set) var isDamaged = false

  init(_ path: String, _ series: SeriesReader) {
    self.path = path
    self.series = series
  }

  var labels: LabelSet { series.labels }

  /// - Throws: ``ToolError`` when the series are not in order, where no comparison makes sense.
  mutating func advance(_ context: ToolContext) throws {
    while true {
      do throws(BlockError) {
        hasSeries = try series.next()
        break
      } catch {
        damage(error, context)
      }
    }
    guard hasSeries else { return }
    if let previous, !(previous < labels) {
      throw ToolError(
        "\(path): \(labels) does not sort behind the series before it; blocktool salvage puts "
          + "series in order")
    }
    previous = labels
  }

  /// All samples of the current series, one array a chunk or aggregate.
  mutating func samples(_ context: ToolContext) throws -> [DiffRun] {
    var runs: [DiffRun] = []
    for chunk in series.chunks {
      if let error = read(chunk) {
        if error.code == .unsupportedEncoding, (try? series.encoding(of: chunk)) == .aggregate {
          readAggregates(chunk, &runs, context)
          continue
        }
        damage(error, context)
      }
      if columns.count > 0 { runs.append(DiffRun(kind: nil, columns: columns)) }
    }
    return runs
  }

  private mutating func read(_ chunk: ChunkSpan) -> BlockError? {
    do throws(BlockError) {
      try series.read(chunk, into: &columns)
      return nil
    } catch {
      return error
    }
  }

  private mutating func readAggregates(
    _ chunk: ChunkSpan, _ runs: inout [DiffRun], _ context: ToolContext
  ) {
    for kind in AggregateChunk.Kind.allCases {
      do throws(BlockError) {
        guard try series.read(kind, of: chunk, into: &columns) else { continue }
      } catch {
        damage(error, context)
      }
      if columns.count > 0 { runs.append(DiffRun(kind: kind, columns: columns)) }
    }
  }

  /// How many samples the series has when both sides have the same chunks byte for byte, none of
  /// them deleted; nil when they must be compared one by one.
  func sampleCountIfSameBytes(as other: DiffSide) -> Int? {
    let (ours, theirs) = (series, other.series)
    guard ours.chunks.count == theirs.chunks.count, ours.block.tombstones.isEmpty,
      theirs.block.tombstones.isEmpty
    else { return nil }
    var samples = 0
    for (left, right) in zip(ours.chunks, theirs.chunks) {
      guard left.minTime == right.minTime, left.maxTime == right.maxTime,
        let count = Self.sampleCountIfSameBytes(left, ours.block, right, theirs.block)
      else { return nil }
      samples += count
    }
    return samples
  }

  private static func sampleCountIfSameBytes(
    _ left: ChunkSpan, _ ours: BlockReader, _ right: ChunkSpan, _ theirs: BlockReader
  ) -> Int? {
    guard let l = try? ours.chunks.segment(of: left.location),
      let r = try? theirs.chunks.segment(of: right.location),
      let ourRecord = try? l.record(at: left.location.offset),
      let theirRecord = try? r.record(at: right.location.offset),
      ourRecord.checksum == theirRecord.checksum, ourRecord.encoding == theirRecord.encoding
    else { return nil }
    // An aggregate counts as often as it has values.
    let encoding = ChunkEncoding(rawValue: ourRecord.encoding)
    guard encoding != .aggregate else { return nil }
    let (ourFile, theirFile) = (l.file, r.file)
    let payload = ourFile.bytes.extracting(ourRecord.payload)
    guard
      ByteOrder.compare(payload, theirFile.bytes.extracting(theirRecord.payload)) == 0
    else { return nil }
    return try? encoding.sampleCount(of: payload)
  }

  mutating func chunks(_ context: ToolContext) -> [DiffChunk?] {
    series.chunks.map { chunk in
      (try? series.encoding(of: chunk)).map {
        DiffChunk(minTime: chunk.minTime, maxTime: chunk.maxTime, encoding: $0)
      }
    }
  }

  private mutating func damage(_ error: BlockError, _ context: ToolContext) {
    isDamaged = true
    context.remark("blocktool: \(path): \(error); taken as absent")
  }
}

/// Decoded samples of one chunk, or of one aggregate of it.
struct DiffRun {
  var kind: AggregateChunk.Kind?
  var columns: ChunkColumns
}
