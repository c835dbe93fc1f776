internal import TSDBBlock
internal import Testing

@testable internal import BlockToolCommand

@Suite struct `Prometheus text` {
  @Test(arguments: [
    (0.0, "0"), (-0.0, "-0"), (1.0, "1"), (0.1, "0.1"), (-2.5, "-2.5"), (100_000.0, "100000"),
    (1_000_000.0, "1e+06"), (1_234_567.0, "1.234567e+06"), (123.456, "123.456"),
    (0.0001, "0.0001"), (0.00001, "1e-05"), (0.00012345, "0.00012345"), (1e21, "1e+21"),
    (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
    (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (123_456.0, "123456"),
    (99.99999999999999, "99.99999999999999"),
  ])
  func `floats are printed as Go prints them`(value: Double, expected: String) {
    #expect(PromText.float(value.bitPattern) == expected)
  }

  @Test func `values are quoted as Go quotes them`() {
    let value = Array("a\"\\\n\u{01}\u{07}é\u{200B}\u{00A0}日".utf8) + [0xFF]
    #expect(PromText.quoted(value) == #""a\"\\\n\x01\aé\u200b\u00a0日\xff""#)
  }

  @Test func `a series is printed with bare names in order`() {
    let labels = LabelSet(["job": "api", "__name__": "up"])
    #expect(PromText.labels(labels) == #"{__name__="up", job="api"}"#)
    #expect(OpenMetricsText.series(labels) == #"up{job="api"}"#)
  }

  @Test func `names with other characters are quoted in OpenMetrics`() {
    let labels = LabelSet(["__name__": "my.metric", "label.x": "v\"\n"])
    #expect(OpenMetricsText.series(labels) == #"{"my.metric","label.x"="v\"\n"}"#)
  }

  @Test(arguments: [
    (1_709_290_800_000, "1709290800"), (1_709_290_800_120, "1709290800.12"), (-1, "-0.001"),
    (7, "0.007"),
  ])
  func `milliseconds are printed as seconds and read back`(time: Int64, text: String) {
    #expect(OpenMetricsText.seconds(time) == text)
    #expect(DecimalSeconds.milliseconds(text) == time)
  }

  @Test(arguments: [
    ("1.7092908e9", 1_709_290_800_000), ("+5", 5_000), (".5", 500), ("0.0019", 1), ("1e-3", 1),
  ])
  func `times are read exactly`(text: String, expected: Int64) {
    #expect(DecimalSeconds.milliseconds(text) == expected)
  }

  @Test(arguments: ["", ".", "x", "1.2.3", "1e", "e5", "9e30", "1_0", "--1", "1e99999999"])
  func `what is no time is refused`(text: String) {
    #expect(DecimalSeconds.milliseconds(text) == nil)
  }
}
