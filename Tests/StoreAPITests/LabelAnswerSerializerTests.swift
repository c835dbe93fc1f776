import GRPCCore
import StoreAPI
import SwiftProtobuf
import TestSupport
import Testing

@Suite struct LabelAnswerSerializerTests {
  private static let hints: [Google_Protobuf_Any?] = {
    let some = Hintspb_LabelValuesResponseHints.with {
      $0.queriedBlocks = ["01HRHZ2KZ8H174NHP7YJ73AGKH", ""].map { id in .with { $0.id = id } }
    }
    return [
      nil, Google_Protobuf_Any(),
      try? Google_Protobuf_Any(message: Hintspb_LabelNamesResponseHints()),
      try? Google_Protobuf_Any(message: some),
    ]
  }()

  /// A list as a store collects it.
  private static func list(_ strings: [[UInt8]], upTo limit: Int = .max) -> LabelStrings {
    var bytes: [UInt8] = []
    let ends = strings.map { string in
      bytes += string
      return bytes.count
    }
    return LabelStrings(bytes, ends: ends, upTo: limit)
  }

  /// Compares with what the generated messages write.
  private static func expectEqual(
    _ strings: [[UInt8]], upTo limit: Int = .max, _ warnings: [String] = [],
    _ hints: Google_Protobuf_Any? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let encoded: [UInt8] = try LabelAnswerSerializer().serialize(
      LabelAnswer(
        strings: list(strings, upTo: limit), warnings: warnings,
        hints: hints?.serializedBytes()))
    let texts = strings.prefix(max(limit, 0)).map { String(decoding: $0, as: UTF8.self) }
    var names = Thanos_LabelNamesResponse()
    names.names = texts
    names.warnings = warnings
    var values = Thanos_LabelValuesResponse()
    values.values = texts
    values.warnings = warnings
    if let hints {
      names.hints = hints
      values.hints = hints
    }
    #expect(try encoded == names.serializedBytes(), sourceLocation: sourceLocation)
    #expect(try encoded == values.serializedBytes(), sourceLocation: sourceLocation)
  }

  @Test func `an answer has the bytes that the generated code writes`() throws {
    let lists: [[String]] = [
      [], [""], ["a"], ["__name__", "job", "pod"], ["", "é\u{301}", "日本語", "😀"],
      [String(repeating: "x", count: 127), String(repeating: "y", count: 128)],
      [String(repeating: "z", count: 70_000)],
    ]
    for list in lists {
      for warnings in [[], [""], ["block 01: schön", String(repeating: "w", count: 300)]] {
        for hints in Self.hints {
          try Self.expectEqual(list.map { Array($0.utf8) }, warnings, hints)
        }
      }
    }
  }

  @Test func `the first strings of a list are taken up to the limit`() throws {
    let list = ["a", "b", "cc", "dé"].map { Array($0.utf8) }
    for limit in [Int.min, -1, 0, 1, 2, 3, 4, 5, .max] { try Self.expectEqual(list, upTo: limit) }
  }

  @Test func `bytes that are not UTF-8 are replaced, each string by itself`() throws {
    let bad: [[UInt8]] = [
      [0xFF], [0x61, 0xC3], [0xA9], [0xE2, 0x82], [0xAC, 0x62], [0xED, 0xA0, 0x80],
      [0xC0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x9F, 0x98], [0x80],
    ]
    for strings in [[[0x61]] + bad, bad, [[0xC3], [0xA9]]] + bad.map({ [$0, [0x62]] }) {
      try Self.expectEqual(strings)
    }
    #expect(Self.list([[0xFF], [0xFE]]).count == 2)
  }

  @Test func `random answers have the bytes that the generated code writes`() throws {
    var random = SeededRandom(seed: 33)
    for _ in 0..<300 {
      let strings = (0..<Int.random(in: 0...8, using: &random)).map { _ in
        // Mostly well-formed, and rarely so.
        let top: UInt8 = Bool.random(using: &random) ? 0x7F : 0xFF
        return (0..<Int.random(in: 0...200, using: &random)).map { _ in
          UInt8.random(in: 0...top, using: &random)
        }
      }
      try Self.expectEqual(
        strings, upTo: Int.random(in: 0...9, using: &random),
        Bool.random(using: &random) ? ["w"] : [], Self.hints.randomElement(using: &random) ?? nil)
    }
  }
}
