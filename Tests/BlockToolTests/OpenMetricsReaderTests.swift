internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

@Suite struct `OpenMetrics text` {
  private func read(_ text: String) throws -> OpenMetricsReader {
    try withTemporaryDirectory { directory in
      let path = directory + "/in.om"
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      var reader = try OpenMetricsReader(path: path)
      try reader.sort()
      return reader
    }
  }

  @Test func `samples of a series come together in order of time`() throws {
    let reader = try read(
      """
      # TYPE b counter
      b_total{x="2",a="1"} 2 20 # {trace_id="x"} 1
      b_total{a="1",x="2"} 1 10
      b_total{a="1",x="2"} 1 10
      a 3 1.5

      # EOF
      """)
    #expect(
      reader.series.map(\.labels.description) == [
        #"{__name__="a"}"#, #"{__name__="b_total", a="1", x="2"}"#,
      ])
    #expect(reader.series[0].samples.timestamps == [1500])
    #expect(reader.series[1].samples.timestamps == [10_000, 20_000])
    #expect(reader.series[1].samples.values == [1.0, 2.0].map(\.bitPattern))
  }

  @Test func `special values, escapes and quoted names are understood`() throws {
    let reader = try read(
      """
      {"my.metric","l.x"="a}\\"b\\\\c\\n"} NaN 1
      up{ a = "x" , } +Inf 1
      up{b=""} -Inf 1
      # EOF
      """)
    #expect(reader.series.count == 3)
    #expect(
      reader.series.map { $0.samples.values[0] } == [
        SampleValue.normalNaN, (-Double.infinity).bitPattern, Double.infinity.bitPattern,
      ])
    #expect(reader.series[0].labels.value(of: "l.x") == Array("a}\"b\\c\n".utf8))
    #expect(reader.series[1].labels.count == 1)
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
    ("up 1 2\nup 3 2\n# EOF\n", "has two values at"),
  ])
  func `a mistake is told with its line`(text: String, message: String) {
    let error = #expect(throws: ToolError.self) { _ = try read(text) }
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
  }

  @Test func `windows are aligned also before 1970`() {
    #expect(BlockCreation.window(of: 0) == 0)
    #expect(BlockCreation.window(of: 7_199_999) == 0)
    #expect(BlockCreation.window(of: 7_200_000) == 7_200_000)
    #expect(BlockCreation.window(of: -1) == -7_200_000)
    #expect(BlockCreation.window(of: -7_200_000) == -7_200_000)
    #expect(BlockCreation.window(of: .min) == .min)
  }
}
