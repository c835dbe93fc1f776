internal import TSDBBlock

/// Reads the float samples of OpenMetrics text, line by line.
///
///     # TYPE http_requests counter                     comments are skipped
///     http_requests_total{code="200"} 17 1709290800.5  # {trace_id="…"} 1
///     {"my.metric","label.x"="v"} NaN 1709290800       time in seconds, needed here
///     # EOF                                            must be the last line
enum OpenMetricsReader {
  /// Bytes between reports.
  private static let reportStep = 1 << 22

  /// - Parameters:
  ///   - path: of a file or pipe, or ``TextLines/standardInput``.
  ///   - report: told how many bytes of how many are read, where that is known.
  /// - Throws: ``ToolError`` that names file and line.
  static func read(
    _ path: String, into samples: SampleSort, report: (Int, Int) -> Void = { _, _ in }
  ) throws {
    var lines = try TextLines(path: path)
    var hasEnd = false
    var reported = 0
    while try lines.advance() {
      do {
        hasEnd = try read(lines.line, hasEnd, into: samples)
      } catch let error as OpenMetricsError {
        throw ToolError("\(lines.name): line \(lines.number): \(error.reason)")
      }
      if let byteCount = lines.byteCount, lines.readByteCount - reported >= reportStep {
        reported = lines.readByteCount
        report(reported, byteCount)
      }
    }
    guard hasEnd else {
      throw ToolError(
        "\(lines.name) does not end with # EOF; it may be cut. Add the line if it is whole")
    }
    try samples.finish()
    guard !samples.isEmpty else { throw ToolError("\(lines.name) holds no samples") }
  }

  /// Returns whether the end was told.
  static func read(
    _ line: RawSpan, _ hasEnd: Bool, into samples: SampleSort
  ) throws -> Bool {
    guard line.byteCount > 0 else { return hasEnd }
    guard !hasEnd else { throw OpenMetricsError("text follows # EOF") }
    var parser = OpenMetricsLine(line)
    if parser.isComment { return parser.isEnd }
    let text = try parser.seriesText()
    let value = try parser.value()
    let time = try parser.time()
    try samples.append(line.extracting(text), time: time, valueBits: value)
    return false
  }
}
