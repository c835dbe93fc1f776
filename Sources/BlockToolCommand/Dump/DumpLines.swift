internal import TSDBBlock

/// A line a sample, as `promtool tsdb dump` prints it: `{__name__="up"} 1 1709294400000`. Of an
/// aggregate its name stands before the value.
struct PromDump: DumpWriter {
  private let output: Output
  private var head = ""

  init(_ output: Output) { self.output = output }

  mutating func beginSeries(_ labels: LabelSet) { head = PromText.labels(labels) + " " }

  mutating func write(_ columns: ChunkColumns, _ kind: AggregateChunk.Kind?) throws -> Bool {
    let head = self.head + (kind.map { "\($0) " } ?? "")
    let values = SampleTexts(columns)
    for (index, time) in columns.timestamps.enumerated() {
      try output.write(head, values.text(at: index), " ", String(time), "\n")
    }
    return true
  }
}

/// Comma-separated values as in RFC 4180, but with bare line feeds.
struct CSVDump: DumpWriter {
  private let output: Output
  private var head = ""

  init(_ output: Output) { self.output = output }

  mutating func begin() throws { try output.write("series,aggregate,timestamp,value\n") }

  mutating func beginSeries(_ labels: LabelSet) {
    head = Self.quoted(PromText.labels(labels)) + ","
  }

  mutating func write(_ columns: ChunkColumns, _ kind: AggregateChunk.Kind?) throws -> Bool {
    let head = self.head + (kind.map { "\($0)" } ?? "") + ","
    let values = SampleTexts(columns)
    let isPlain = columns.kind == .floats
    for (index, time) in columns.timestamps.enumerated() {
      let value = values.text(at: index)
      try output.write(head, String(time), ",", isPlain ? value : Self.quoted(value), "\n")
    }
    return true
  }

  private static func quoted(_ field: String) -> String {
    "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}

/// OpenMetrics text. Readers refuse comments of their own in it, so native histograms cannot even
/// stand there as such.
struct OpenMetricsDump: DumpWriter {
  private let output: Output
  private var head = ""
  private var lastTime: Int64?

  init(_ output: Output) { self.output = output }

  mutating func beginSeries(_ labels: LabelSet) {
    head = OpenMetricsText.series(labels) + " "
    lastTime = nil
  }

  mutating func write(_ columns: ChunkColumns, _ kind: AggregateChunk.Kind?) throws -> Bool {
    guard columns.kind == .floats, kind == nil else { return false }
    for (time, value) in zip(columns.floats.timestamps, columns.floats.values) {
      // The counter aggregate ends with its last time once more.
      if time == lastTime { continue }
      lastTime = time
      try output.write(
        head, PromText.float(value), " ", OpenMetricsText.seconds(time), "\n")
    }
    return true
  }

  mutating func end() throws { try output.write("# EOF\n") }
}

/// The values of a chunk as text.
struct SampleTexts {
  private let values: [UInt64]
  private let histograms: HistogramPromText?

  init(_ columns: ChunkColumns) {
    values = columns.floats.values
    histograms = columns.kind == .floats ? nil : HistogramPromText(columns.histograms)
  }

  func text(at index: Int) -> String {
    histograms?.text(at: index) ?? PromText.float(values[index])
  }
}
