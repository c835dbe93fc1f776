internal import TSDBBlock

/// Samples in memory, by series.
struct HeldSamples {
  struct Series {
    var labels: LabelSet
    var samples = SampleColumns()
    /// Of the sample that came last.
    var window = Int64.min
  }

  /// What stands before the value in a line, so that labels are parsed once a series.
  private struct Text {
    var bytes: [UInt8]
    var series: Int
    /// The text that came behind it the last time: scrapes repeat each other, and so does a series.
    var next: Int

    func isEqual(to text: RawSpan) -> Bool { ByteOrder.compare(text, bytes.rawSpan) == 0 }
  }

  private(set) var series: [Series] = []
  private var texts: [Text] = []
  private var byText: [[UInt8]: Int] = [:]
  private var byLabels: [LabelSet: Int] = [:]
  /// The text that came last.
  private var last = 0
  /// About what it all takes.
  private(set) var byteCount = 0

  private static let sampleByteCount = 16
  /// A window of a series when it is sorted, beside its samples.
  private static let partByteCount = 40
  /// A series and its place in the dictionary.
  private static let seriesByteCount = 400
  /// A text and its place in the dictionary, beside its bytes, which are there again as labels.
  private static let textByteCount = 100

  var isEmpty: Bool { series.isEmpty }

  /// - Parameter text: the series, as the line has it.
  mutating func append(_ text: RawSpan, time: Int64, valueBits: UInt64) throws {
    let index = try index(of: text)
    series[index].samples.append(timestamp: time, valueBits: valueBits)
    byteCount += Self.sampleByteCount
    let window = BlockWindow.start(of: time)
    if window != series[index].window {
      series[index].window = window
      byteCount += Self.partByteCount
    }
  }

  private mutating func index(of text: RawSpan) throws -> Int {
    if !texts.isEmpty {
      let next = texts[last].next
      if texts[next].isEqual(to: text) {
        last = next
        return texts[next].series
      }
    }
    let key = Array(text)
    let found: Int
    if let known = byText[key] {
      found = known
    } else {
      found = texts.count
      let series = index(of: try OpenMetricsLine(text).labels())
      texts.append(Text(bytes: key, series: series, next: found))
      byText[key] = found
      byteCount += Self.textByteCount + 3 * key.count
    }
    texts[last].next = found
    last = found
    return texts[found].series
  }

  private mutating func index(of labels: LabelSet) -> Int {
    if let known = byLabels[labels] { return known }
    series.append(Series(labels: labels))
    byLabels[labels] = series.count - 1
    byteCount += Self.seriesByteCount
    return series.count - 1
  }

  /// Sorts series by labels and samples by time. What was known about texts is forgotten.
  ///
  /// - Throws: ``ToolError`` when a series has two values at one time.
  mutating func sort() throws(ToolError) {
    texts = []
    byText = [:]
    byLabels = [:]
    series.sort { $0.labels < $1.labels }
    for index in series.indices {
      try series[index].samples.sortByTime(of: series[index].labels)
    }
  }

  /// Forgets everything.
  mutating func removeAll() { self = HeldSamples() }
}
