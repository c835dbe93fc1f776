internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

@Suite struct `OpenMetrics text` {
  private struct Series {
    var labels: LabelSet
    var samples = SampleColumns()
  }

  /// The series in order, with the samples of all windows.
  private func read(_ text: String) throws -> [Series] {
    try withTemporaryDirectory { directory in
      let path = directory + "/in.om"
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      let sort = SampleSort(heldByteCountLimit: 1 << 20) { () throws(ToolError) in directory }
      try OpenMetricsReader.read(path, into: sort)
      var result: [Series] = []
      for window in sort.windows {
        var series = try sort.series(of: window)
        while try series.advance(readsSamples: true) {
          let index = result.firstIndex { $0.labels == series.labels } ?? result.count
          if index == result.count { result.append(Series(labels: series.labels)) }
          for (time, value) in zip(series.samples.timestamps, series.samples.values) {
            result[index].samples.append(timestamp: time, valueBits: value)
          }
        }
      }
      return result.sorted { $0.labels < $1.labels }
    }
  }

  @Test func `samples of a series come together in order of time`() throws {
    let series = try read(
      """
      # TYPE b counter
      b_total{x="2",a="1"} 2 20 # {trace_id="x"} 1
      b_total{a="1",x="2"} 1 10
      b_total{a="1",x="2"} 1 10
      a 3 1.5

      # EOF
      """)
    #expect(
      series.map(\.labels.description) == [
        #"{__name__="a"}"#, #"{__name__="b_total", a="1", x="2"}"#,
      ])
    #expect(series[0].samples.timestamps == [1500])
    #expect(series[1].samples.timestamps == [10_000, 20_000])
    #expect(series[1].samples.values == [1.0, 2.0].map(\.bitPattern))
  }

  @Test func `special values, escapes and quoted names are understood`() throws {
    let series = try read(
      """
      {"my.metric","l.x"="a}\\"b\\\\c\\n"} NaN 1
      up{ a = "x" , } +Inf 1
      up{b=""} -Inf 1
      # EOF
      """)
    #expect(series.count == 3)
    #expect(
      series.map { $0.samples.values[0] } == [
        SampleValue.normalNaN, (-Double.infinity).bitPattern, Double.infinity.bitPattern,
      ])
    #expect(series[0].labels.value(of: "l.x") == Array("a}\"b\\c\n".utf8))
    #expect(series[1].labels.count == 1)
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `no line traps, whatever is in it`(seed: UInt64) throws {
    let lines = [
      "up 1 2", "http_total{code=\"200\",path=\"/a\\\"b\"} 17.5e3 1709290800.5 # {id=\"x\"} 1",
      "{\"my.metric\",\"l.x\"=\"a}\\n\"} NaN 1", "up{ a = \"x\" , } +Inf -1.25\r", "# EOF\r",
    ].map { Array($0.utf8) }
    let spice = Array(" {}\"=,\\#.-+eNI019_".utf8) + [0, 9, 10, 13, 128, 255]
    var random = SeededRandom(seed: seed)
    try withTemporaryDirectory { directory in
      let sort = SampleSort(heldByteCountLimit: 1 << 20) { () throws(ToolError) in directory }
      var (read, refused) = (0, 0)
      for _ in 0..<2000 {
        var line = lines[Int.random(in: 0..<lines.count, using: &random)]
        for _ in 0..<Int.random(in: 0...3, using: &random) where !line.isEmpty {
          let place = Int.random(in: 0..<line.count, using: &random)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: line[place] = spice[Int.random(in: 0..<spice.count, using: &random)]
          case 1: line.insert(spice[Int.random(in: 0..<spice.count, using: &random)], at: place)
          case 2: line.remove(at: place)
          default: line.removeSubrange(place...)
          }
        }
        do {
          _ = try OpenMetricsReader.read(line.rawSpan, false, into: sort)
          read += 1
        } catch is OpenMetricsError {
          refused += 1
        }
      }
      #expect(read > 500 && refused > 300)
    }
  }

  @Test(arguments: [
    ("up 1\n# EOF\n", "line 1: the timestamp is missing"),
    ("up 1 2 3\n# EOF\n", "line 1: text follows the time"),
    ("up x 2\n# EOF\n", "line 1: x is not a number"),
    ("up 1 2\nup 1 y\n# EOF\n", "line 2: y is not a time in seconds"),
    ("up{a=\"1\" 1 2\n# EOF\n", "line 1: the labels have no end"),
    ("up{a=\"1\",a=\"2\"} 1 2\n# EOF\n", "line 1: a label name stands twice"),
    ("up{a.b=\"1\"} 1 2\n# EOF\n", "line 1: a.b is not a label name"),
    ("5up 1 2\n# EOF\n", "line 1: 5up is not a metric name"),
    ("# EOF\nup 1 2\n", "line 2: text follows # EOF"),
    ("up 1 2\n", "does not end with # EOF"),
    ("# EOF\n", "in.om holds no samples"),
    ("up 1 2\nup 3 2\n# EOF\n", "has two values at"),
  ])
  func `a mistake is told with its line`(text: String, message: String) {
    let error = #expect(throws: ToolError.self) { _ = try read(text) }
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
  }
}
