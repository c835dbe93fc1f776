import ObjectStore
import Testing

@Suite struct GoDurationTests {
  @Test(
    arguments: [
      ("24h", .seconds(86_400)), ("1h30m", .seconds(5400)), ("500ms", .milliseconds(500)),
      ("1.5s", .milliseconds(1500)), ("0", .zero), ("0s", .zero), ("2us", .microseconds(2)),
      ("2µs", .microseconds(2)), ("7ns", .nanoseconds(7)), ("1m1m", .seconds(120)),
      (".5m", .seconds(30)),
    ] as [(String, Duration)])
  func `durations of Go are read`(text: String, duration: Duration) {
    #expect(GoDuration.parse(text) == duration)
  }

  @Test(arguments: ["", "1", "h", "1d", "-1s", "1 s", "1.2.3s", "s1", "9999999999h", "1e3s", "٣s"])
  func `other texts are no durations`(text: String) {
    #expect(GoDuration.parse(text) == nil)
  }

  @Test(arguments: [
    (Int64(0), "0s"), (20, "20ms"), (61_500, "1m1.5s"), (7_200_000, "2h0m0s"),
    (-3_600_000, "-1h0m0s"), (.min, "-2562047788015h12m55.808s"),
  ]) func `a duration is printed as Go prints it`(milliseconds: Int64, text: String) {
    #expect(GoDuration.text(milliseconds: milliseconds) == text)
  }
}
