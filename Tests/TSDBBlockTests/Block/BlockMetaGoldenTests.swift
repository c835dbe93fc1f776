import TestSupport
import Testing

@testable import TSDBBlock

struct BlockMetaGoldenTests {
  @Test func `every document is written again byte for byte`() throws {
    for document in try #require(Golden.json("compact/meta/docs.json").array) {
      let file = try #require(document["file"].string)
      let rewrite = try #require(document["rewrite"].string)
      let bytes = try Golden.bytes("compact/meta/\(file)")
      switch rewrite {
      case "same": #expect(try rewritten(bytes) == bytes, "\(file)")
      case "mark": #expect(try rewrittenMark(bytes, file) == bytes, "\(file)")
      case "different":
        let once = try rewritten(bytes)
        #expect(once != bytes, "\(file)")
        #expect(try rewritten(once) == once, "\(file)")
      default: #expect(throws: BlockError.self, "\(file)") { try rewritten(bytes) }
      }
    }
  }

  @Test func `every reading gives what the reference makes of it`() throws {
    for reading in try Golden.jsonLines("compact/meta/read.jsonl") {
      let note = reading["note"].string ?? ""
      let bytes = Array(try #require(reading["text"].string).utf8)
      if let expected = reading["rewritten"].string {
        #expect(String(decoding: try rewritten(bytes), as: UTF8.self) == expected, "\(note)")
      } else {
        #expect(throws: BlockError.self, "\(note)") { try rewritten(bytes) }
      }
    }
  }

  /// As the reference does it: unknown keys are dropped, a Thanos section is always written.
  private func rewritten(_ bytes: [UInt8]) throws -> [UInt8] {
    var meta = try BlockMeta(json: bytes)
    if meta.thanos == nil { meta.thanos = ThanosMeta() }
    meta.unknown = []
    meta.thanos?.unknown = []
    return meta.jsonBytes()
  }

  private func rewrittenMark(_ bytes: [UInt8], _ file: String) throws -> [UInt8] {
    if file.contains("no-compact") { return try NoCompactMark(json: bytes).jsonBytes() }
    if file.contains("no-downsample") { return try NoDownsampleMark(json: bytes).jsonBytes() }
    return try DeletionMark(json: bytes).jsonBytes()
  }
}
