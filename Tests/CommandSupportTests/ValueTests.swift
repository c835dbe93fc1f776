import CommandSupport
import ObjectStore
import Testing

@Suite struct ValueTests {
  @Test(arguments: [
    ("5m", 300_000, "5m"), ("1h30m", 5_400_000, "1h30m"), ("2w", 1_209_600_000, "2w"),
    ("0s", 0, "0s"), ("0d", 0, "0s"), ("0", 0, "0s"), ("90s", 90_000, "1m30s"),
    ("1y", 31_536_000_000, "1y"), ("48h", 172_800_000, "2d"), ("250ms", 250, "250ms"),
    ("1d12h5s1ms", 129_605_001, "1d12h5s1ms"), ("8d", 691_200_000, "8d"),
  ])
  func `durations are read and printed`(text: String, milliseconds: Int64, printed: String) {
    let duration = PrometheusDuration(text)
    #expect(duration?.milliseconds == milliseconds)
    #expect(duration?.description == printed)
    #expect(duration?.duration == .milliseconds(milliseconds))
  }

  @Test(arguments: [
    "", "5", "m", "-5m", "5 m", "1m1h", "1m1m", "1.5h", "5x", "5M", "99999999999999999999s",
    "9999999999999y", "٥m", "1h-5m",
  ])
  func `other texts are no durations`(text: String) {
    #expect(PrometheusDuration(text) == nil)
  }

  @Test(arguments: [
    ("1B", 1, "1B"), ("250MB", 262_144_000, "250MiB"), ("1GiB", 1 << 30, "1GiB"),
    ("64GB", 64 << 30, "64GiB"), ("1.5KB", 1536, "1536B"), ("0B", 0, "0B"), ("1000", 1000, "1000B"),
    ("9223372036854775807B", Int.max, "9223372036854775807B"), ("2kb", 2048, "2KiB"),
  ])
  func `sizes count in 1024`(text: String, count: Int, printed: String) {
    #expect(ByteSize(text)?.byteCount == count)
    #expect(ByteSize(text)?.description == printed)
  }

  @Test(arguments: ["", "MB", "-1B", "1XB", "1 MB", "1e3B", "8EB", "1..2B", "inf", "nanB"])
  func `other texts are no sizes`(text: String) {
    #expect(ByteSize(text) == nil)
  }

  @Test(arguments: [
    ("1970-01-01T00:00:01Z", 1000, "1970-01-01T00:00:01Z"), ("-2w", -1_209_590_000, "-2w"),
    ("30m", 1_810_000, "30m"), ("-0s", 10_000, "0s"),
    ("9999-12-31T23:59:59Z", 253_402_300_799_000, "9999-12-31T23:59:59Z"),
  ])
  func `points in time are absolute or relative`(text: String, at: Int64, printed: String) throws {
    let time = try #require(TimeOrDuration(text))
    #expect(time.milliseconds(now: 10_000) == at)
    #expect(time.description == printed)
  }

  @Test func `a relative time saturates instead of overflowing`() {
    #expect(TimeOrDuration("292000000y")?.milliseconds(now: .max) == .max)
    #expect(TimeOrDuration("now") == nil)
    #expect(TimeOrDuration("--2w") == nil)
  }
}
