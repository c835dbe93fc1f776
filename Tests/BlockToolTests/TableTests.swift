internal import Console
internal import Testing

@testable internal import BlockToolCommand

@Suite struct `Tables and numbers` {
  @Test func `columns are aligned`() {
    var table = Table("name", ">count")
    table.add("a", "1")
    table.add("longer", "1,000")
    #expect(table.render(.none) == "name    count\na           1\nlonger  1,000\n")
  }

  @Test func `the widest column is cut to the terminal`() {
    var table = Table("name", ">n")
    table.add("a very long label value indeed", "1")
    let lines = table.render(Terminal(width: 20)).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 20 })
    #expect(lines[1] == "a very long labe…  1")
  }

  @Test func `a title is bold only where colors are wanted`() {
    var table = Table("x")
    table.add("y")
    #expect(table.render(Terminal(width: nil, hasColor: true)) == "\u{1B}[1mx\u{1B}[0m\ny\n")
  }

  @Test func `counts, bytes and durations read well`() {
    #expect(HumanText.count(1_234_567) == "1,234,567")
    #expect(HumanText.count(-999) == "-999")
    #expect(HumanText.bytes(1023) == "1023 B")
    #expect(HumanText.bytes(1536) == "1.5 KiB")
    #expect(HumanText.bytes(5 << 30) == "5.0 GiB")
    #expect(HumanText.duration(1_500) == "1.5s")
    #expect(HumanText.duration(7_200_000) == "2h")
    #expect(HumanText.duration(from: 0, to: 90_061_000) == "1d 1h 1m")
    #expect(HumanText.duration(from: .min, to: .max) == "213503982334d 14h 25m")
    #expect(HumanText.decimal(-0.004, 2) == "0.00")
    #expect(HumanText.decimal(2.345, 1) == "2.3")
  }
}
