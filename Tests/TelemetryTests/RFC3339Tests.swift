import Telemetry
import Testing

@Suite struct RFC3339Tests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
    (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_767_323_045_678, "2026-01-02T03:04:05.678Z"),
    (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
    (253_402_300_799_000, "9999-12-31T23:59:59.000Z"),
  ])
  func `milliseconds are printed and read back`(milliseconds: Int64, text: String) {
    #expect(RFC3339.text(milliseconds: milliseconds) == text)
    #expect(RFC3339.milliseconds(text) == milliseconds)
  }

  @Test(arguments: [
    ("1970-01-01T01:00:00+01:00", 0), ("1969-12-31t22:30:00-01:30", 0),
    ("1970-01-01T00:00:00.1Z", 100), ("1970-01-01T00:00:00.123456789z", 123),
  ])
  func `zones and fractions are understood`(text: String, milliseconds: Int64) {
    #expect(RFC3339.milliseconds(text) == milliseconds)
  }

  @Test(arguments: [
    "", "1970", "1970-01-01", "1970-01-01T00:00:00", "1970-13-01T00:00:00Z",
    "1970-02-29T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:00:00.Z",
    "1970-01-01T00:00:00Zx", "1970-01-01 00:00:00Z", "é970-01-01T00:00:00Z",
  ])
  func `anything else is not a timestamp`(text: String) {
    #expect(RFC3339.milliseconds(text) == nil)
  }

  @Test func `every day of eight centuries survives the round trip`() {
    for day in stride(from: Int64(-146_097), through: 146_097, by: 1) {
      let milliseconds = day * 86_400_000 + 12_345
      #expect(RFC3339.milliseconds(RFC3339.text(milliseconds: milliseconds)) == milliseconds)
    }
  }
}
