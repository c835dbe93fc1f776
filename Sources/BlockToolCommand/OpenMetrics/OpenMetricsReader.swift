internal import Console
internal import TSDBBlock

/// Reads OpenMetrics text into series of float samples, all in memory.
///
///     # TYPE http_requests counter                     comments are skipped
///     http_requests_total{code="200"} 17 1709290800.5  # {trace_id="…"} 1
///     {"my.metric","label.x"="v"} NaN 1709290800       time in seconds, needed here
///     # EOF                                            must be the last line
struct OpenMetricsReader {
  struct Series {
    var labels: LabelSet
    var samples = SampleColumns()
  }

  private(set) var series: [Series] = []
  /// The text before the value to its series, so that labels are parsed once a series.
  private var byText: [[UInt8]: Int] = [:]
  private var byLabels: [LabelSet: Int] = [:]
  private var hasEnd = false
  private var lineNumber = 0

  /// - Throws: ``ToolError`` that names file and line.
  init(path: String) throws {
    let storage: ByteStorage
    do {
      storage = try ByteStorage(mapping: path)
    } catch {
      throw ToolError("\(error)")
    }
    do {
      try read(storage.bytes)
    } catch let error as OpenMetricsError {
      throw ToolError("\(path): line \(lineNumber): \(error.reason)")
    }
    guard hasEnd else {
      throw ToolError("\(path) does not end with # EOF; it may be cut. Add the line if it is whole")
    }
  }

  private mutating func read(_ bytes: RawSpan) throws {
    var start = 0
    while start < bytes.byteCount {
      let line = Self.line(bytes, from: start)
      start += line.count + 1
      lineNumber += 1
      try read(line: line)
    }
  }

  private static func line(_ bytes: RawSpan, from start: Int) -> [UInt8] {
    // SAFETY: reads the bytes of the span only.
    unsafe bytes.withUnsafeBytes { unsafe Array($0[start...].prefix { $0 != UInt8(ascii: "\n") }) }
  }

  private mutating func read(line: [UInt8]) throws {
    guard !line.isEmpty else { return }
    guard !hasEnd else { throw OpenMetricsError("text follows # EOF") }
    guard line[0] != UInt8(ascii: "#") else {
      hasEnd = line.elementsEqual("# EOF".utf8) || line.elementsEqual("# EOF\r".utf8)
      return
    }
    var parser = OpenMetricsLine(line)
    let text = try parser.seriesText()
    let index: Int
    if let known = byText[text] {
      index = known
    } else {
      index = seriesIndex(try OpenMetricsLine(text).labels())
      byText[text] = index
    }
    let value = try parser.value()
    let time = try parser.time()
    series[index].samples.append(timestamp: time, valueBits: value)
  }

  private mutating func seriesIndex(_ labels: LabelSet) -> Int {
    if let known = byLabels[labels] { return known }
    series.append(Series(labels: labels))
    byLabels[labels] = series.count - 1
    return series.count - 1
  }

  /// Sorts series by labels and samples by time; equal samples become one.
  ///
  /// - Throws: ``ToolError`` when a series has two values at one time.
  mutating func sort() throws {
    series.sort { $0.labels < $1.labels }
    for index in series.indices { try sortSamples(of: index) }
  }

  private mutating func sortSamples(of index: Int) throws {
    let samples = series[index].samples
    let times = samples.timestamps
    if zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) { return }
    let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
    var sorted = SampleColumns()
    for place in order {
      if times[place] == sorted.timestamps.last {
        guard samples.values[place] == sorted.values.last else {
          throw ToolError(
            "\(series[index].labels) has two values at \(HumanText.time(times[place])); "
              + "remove one of them")
        }
        continue
      }
      sorted.append(timestamp: times[place], valueBits: samples.values[place])
    }
    series[index].samples = sorted
  }
}

struct OpenMetricsError: Error {
  var reason: String

  init(_ reason: String) { self.reason = reason }
}
