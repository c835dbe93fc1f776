internal import TSDBBlock

/// Samples in memory, by series.
struct HeldSamples {
  struct Series {
    var labels: LabelSet
    var samples = SampleColumns()
    /// Of the sample that came last.
    var window = Int64.min
  }

  private(set) var series: [Series] = []
  /// The text before the value to its series, so that labels are parsed once a series.
  private var byText: [[UInt8]: Int] = [:]
  private var byLabels: [LabelSet: Int] = [:]
  private var last: (text: [UInt8], series: Int) = ([], 0)
  /// About what it all takes.
  private(set) var byteCount = 0

  private static let sampleByteCount = 16
  /// A window of a series when it is sorted, beside its samples.
  private static let partByteCount = 40
  /// A series and its places in the dictionaries, beside its labels.
  private static let seriesByteCount = 400

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
    // Lines of one series mostly follow each other.
    if !series.isEmpty, ByteOrder.compare(text, last.text.rawSpan) == 0 { return last.series }
    let key = Array(text)
    let index: Int
    if let known = byText[key] {
      index = known
    } else {
      index = self.index(of: try OpenMetricsLine(text).labels())
      byText[key] = index
      byteCount += 2 * key.count
    }
    last = (key, index)
    return index
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
