internal import Console
internal import TSDBBlock

/// An object a series, with everything that is stored:
///
///     {"labels": {…},
///      "timestamps": […], "values": ["0.5", "NaN", "stale"],          floats, milliseconds
///      "starts": […],                                                 0 for unknown
///      "histograms": [{"timestamp", "start", "hint", "isFloat", "schema", "zeroThreshold",
///                      "zeroCount", "count", "sum", "positiveSpans": [[offset, length]],
///                      "positiveBuckets", "negativeSpans", "negativeBuckets", "customBounds"}],
///      "aggregates": {"count": {"timestamps", "values", "histograms"}, …}}
///
/// Doubles are strings, so that NaN and infinity can stand; integer counts are numbers. Buckets
/// hold absolute counts. What a series does not have is left out; keys are never renamed.
struct JSONDump: DumpWriter {
  private let output: Output
  private var labels = LabelSet()
  private var samples = Samples()
  private var aggregates: [AggregateChunk.Kind: Samples] = [:]

  init(_ output: Output) { self.output = output }

  mutating func beginSeries(_ labels: LabelSet) {
    self.labels = labels
    samples = Samples()
    aggregates = [:]
  }

  mutating func write(_ columns: ChunkColumns, _ kind: AggregateChunk.Kind?) throws -> Bool {
    if let kind {
      aggregates[kind, default: Samples()].add(columns)
    } else {
      samples.add(columns)
    }
    return true
  }

  mutating func endSeries() throws {
    guard !samples.isEmpty || !aggregates.isEmpty else { return }
    var members = [RawJSON.Member(key: Array("labels".utf8), value: .labels(labels.pairs))]
    members += samples.members
    if !aggregates.isEmpty {
      let parts = AggregateChunk.Kind.allCases.compactMap { kind in
        aggregates[kind].map {
          RawJSON.Member(key: Array("\(kind)".utf8), value: .object($0.members))
        }
      }
      members.append(RawJSON.Member(key: Array("aggregates".utf8), value: .object(parts)))
    }
    try output.write(RawJSON.object(members).compactBytes + [UInt8(ascii: "\n")])
  }

  private struct Samples {
    var floats = SampleColumns()
    var histograms: [RawJSON] = []

    var isEmpty: Bool { floats.isEmpty && histograms.isEmpty }

    mutating func add(_ columns: ChunkColumns) {
      guard columns.kind == .floats else {
        let columns = columns.histograms
        for index in 0..<columns.count { histograms.append(HistogramJSON.object(columns, index)) }
        return
      }
      // Chunks with and without start times may follow each other.
      if !columns.floats.starts.isEmpty, floats.starts.isEmpty {
        floats.starts = [Int64](repeating: 0, count: floats.count)
      }
      if !floats.starts.isEmpty || !columns.floats.starts.isEmpty {
        floats.starts +=
          columns.floats.starts.isEmpty
          ? [Int64](repeating: 0, count: columns.count) : columns.floats.starts
      }
      floats.timestamps += columns.floats.timestamps
      floats.values += columns.floats.values
    }

    var members: [RawJSON.Member] {
      var lists: [(String, RawJSON)] = []
      if !floats.isEmpty {
        lists.append(("timestamps", .array(floats.timestamps.map { .count($0) })))
        lists.append(("values", .array(floats.values.map { HistogramJSON.double($0) })))
      }
      if !floats.starts.isEmpty {
        lists.append(("starts", .array(floats.starts.map { .count($0) })))
      }
      if !histograms.isEmpty { lists.append(("histograms", .array(histograms))) }
      return lists.map { RawJSON.Member(key: Array($0.0.utf8), value: $0.1) }
    }
  }
}

/// A native histogram as an object, see ``JSONDump``.
enum HistogramJSON {
  static func object(_ columns: HistogramColumns, _ index: Int) -> RawJSON {
    let layout = columns.layout
    let (positive, negative) = columns.buckets(at: index)
    func count(_ bits: UInt64) -> RawJSON { columns.isFloat ? double(bits) : .count(bits) }
    func buckets(_ values: ArraySlice<UInt64>) -> RawJSON {
      .array(values.map { columns.isFloat ? double($0) : .count(Int64(bitPattern: $0)) })
    }
    func spans(_ spans: [HistogramLayout.Span]) -> RawJSON {
      .array(spans.map { .array([.count($0.offset), .count($0.length)]) })
    }
    return .object([
      "timestamp": .count(columns.timestamps[index]),
      "start": columns.starts.isEmpty ? nil : .count(columns.starts[index]),
      "hint": .string("\(columns.hint(at: index))"), "isFloat": .bool(columns.isFloat),
      "schema": .count(layout.schema), "zeroThreshold": double(layout.zeroThreshold),
      "zeroCount": count(columns.zeroCounts[index]), "count": count(columns.counts[index]),
      "sum": double(columns.sums[index]), "positiveSpans": spans(layout.positiveSpans),
      "positiveBuckets": buckets(positive), "negativeSpans": spans(layout.negativeSpans),
      "negativeBuckets": buckets(negative),
      "customBounds": layout.customBounds.isEmpty
        ? nil : .array(layout.customBounds.map { double($0) }),
    ])
  }

  /// As text that tells stale markers from other NaNs.
  static func double(_ bits: UInt64) -> RawJSON {
    .string(bits == SampleValue.staleMarker ? "stale" : PromText.float(bits))
  }
}
