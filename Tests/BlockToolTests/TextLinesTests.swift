internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

@Suite struct `Lines of a text` {
  private func lines(of bytes: [UInt8]) throws -> [[UInt8]] {
    try withTemporaryDirectory { directory in
      let path = directory + "/text"
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      var lines = try TextLines(path: path)
      #expect(lines.byteCount == bytes.count)
      var result: [[UInt8]] = []
      while try lines.advance() {
        result.append(Array(lines.line))
        #expect(lines.number == result.count)
      }
      #expect(lines.readByteCount == bytes.count)
      return result
    }
  }

  @Test(
    arguments: [
      ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\n\nb", ["a", "", "b"]),
      ("\n\n", ["", ""]),
    ] as [(String, [String])])
  func `an end of line is not needed at the end`(text: String, expected: [String]) throws {
    #expect(try lines(of: Array(text.utf8)) == expected.map { Array($0.utf8) })
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `lines come whole over the pieces in which they are read`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var expected: [[UInt8]] = []
    var total = 0
    while total < 3 << 20 {
      let count = Int.random(in: 0...(seed < 3 ? 2_500_000 : 100_000), using: &random)
      expected.append([UInt8](repeating: UInt8.random(in: 32...90, using: &random), count: count))
      total += count + 1
    }
    #expect(try lines(of: expected.reduce(into: []) { $0 += $1 + [10] }) == expected)
  }

  @Test func `what has no lines is refused before it fills the memory`() throws {
    let error = #expect(throws: ToolError.self) {
      var lines = try TextLines(path: "/dev/zero")
      while try lines.advance() {}
    }
    #expect(error?.description == "/dev/zero: line 1 is longer than 16 MiB; this is no text")
  }

  @Test(arguments: ["/does/not/exist", "/"])
  func `a file that cannot be read is named`(path: String) throws {
    let error = #expect(throws: ToolError.self) {
      var lines = try TextLines(path: path)
      _ = try lines.advance()
    }
    #expect(error?.description.hasPrefix("cannot read \(path): ") == true)
  }

  @Test func `decimal numbers are what slower readers make of them`() {
    var random = SeededRandom(seed: 5)
    var read = 0
    for _ in 0..<20_000 {
      let digits = Int.random(in: 0...17, using: &random)
      var text = Bool.random(using: &random) ? "-" : ""
      let point = Int.random(in: -3...max(digits, 1), using: &random)
      for place in 0..<digits {
        if place == point { text += "." }
        text += String(Int.random(in: 0...9, using: &random))
      }
      if let value = DecimalNumber.value(Array(text.utf8).rawSpan) {
        read += 1
        #expect(value.bitPattern == Double(text)?.bitPattern, "\(text)")
      }
      if let time = DecimalNumber.milliseconds(Array(text.utf8).rawSpan) {
        #expect(time == DecimalSeconds.milliseconds(text), "\(text)")
      }
    }
    #expect(read > 10_000)
    for text in ["", "-", ".", "1e3", "+1", "1-", "--1", "1.2.3", "0x1", "1_0", " 1", "NaN"] {
      #expect(DecimalNumber.value(Array(text.utf8).rawSpan) == nil)
      #expect(DecimalNumber.milliseconds(Array(text.utf8).rawSpan) == nil)
    }
  }
}
