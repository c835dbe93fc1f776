internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

/// Samples in any order, more of them than are held in memory.
@Suite struct `Sorting of samples` {
  private struct Line {
    var series: String
    var time: Int64
    var value: Int
  }

  /// Some lines of each of some series, over some windows, in no order, some of them twice.
  private func lines(seed: UInt64) -> [Line] {
    var random = SeededRandom(seed: seed)
    var lines: [Line] = []
    for series in 0..<Int.random(in: 1...30, using: &random) {
      var time = Int64.random(in: -20_000_000...20_000_000, using: &random)
      for _ in 0..<Int.random(in: 1...60, using: &random) {
        time += Int64.random(in: 1...2_000_000, using: &random)
        let line = Line(
          series: "m\(series % 4){pod=\"\(series)\"}", time: time,
          value: Int.random(in: -9...9, using: &random))
        lines.append(line)
        if Int.random(in: 0..<10, using: &random) == 0 { lines.append(line) }
      }
    }
    lines.shuffle(using: &random)
    return lines
  }

  private func sort(
    _ lines: [Line], holding byteCount: Int, in directory: String
  ) throws -> [Int64: [String: [Int64: Double]]] {
    let sort = SampleSort(heldByteCountLimit: byteCount) { () throws(ToolError) in directory }
    for line in lines {
      try sort.append(
        Array(line.series.utf8).rawSpan, time: line.time,
        valueBits: Double(line.value).bitPattern)
    }
    try sort.finish()
    var result: [Int64: [String: [Int64: Double]]] = [:]
    for window in sort.windows {
      var series = try sort.series(of: window)
      var last: LabelSet?
      while try series.advance(readsSamples: true) {
        if let last { #expect(last < series.labels) }
        last = series.labels
        #expect(series.samples.timestamps == series.samples.timestamps.sorted())
        for (time, bits) in zip(series.samples.timestamps, series.samples.values) {
          result[window, default: [:]][series.labels.description, default: [:]][time] =
            Double(bitPattern: bits)
        }
      }
    }
    return result
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `what comes out does not depend on how much is held`(seed: UInt64) throws {
    try withTemporaryDirectory { directory in
      let lines = lines(seed: seed)
      var expected: [Int64: [String: [Int64: Double]]] = [:]
      for line in lines {
        let labels = try OpenMetricsLine(Array(line.series.utf8).rawSpan).labels()
        expected[BlockWindow.start(of: line.time), default: [:]][
          labels.description, default: [:]][line.time] = Double(line.value)
      }
      for byteCount in [1, 700, 5000, 1 << 30] {
        #expect(try sort(lines, holding: byteCount, in: directory) == expected)
      }
      // The file has lost its name.
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
    }
  }

  @Test(arguments: [1, 1 << 30])
  func `two values at one time are found wherever they wait`(byteCount: Int) throws {
    try withTemporaryDirectory { directory in
      let lines = [(7, 1), (9, 2), (7, 3)].map { Line(series: "up", time: $0, value: $1) }
      let error = #expect(throws: ToolError.self) {
        _ = try sort(lines, holding: byteCount, in: directory)
      }
      #expect(error?.description.contains(#"{__name__="up"} has two values at"#) == true)
    }
  }

  @Test func `windows are aligned also before 1970`() {
    #expect(BlockWindow.start(of: 0) == 0)
    #expect(BlockWindow.start(of: 7_199_999) == 0)
    #expect(BlockWindow.start(of: 7_200_000) == 7_200_000)
    #expect(BlockWindow.start(of: -1) == -7_200_000)
    #expect(BlockWindow.start(of: -7_200_000) == -7_200_000)
    #expect(BlockWindow.start(of: .min) == .min)
  }
}
