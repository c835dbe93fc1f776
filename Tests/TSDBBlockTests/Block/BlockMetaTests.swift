import TestSupport
import Testing

@testable import TSDBBlock

struct BlockMetaTests {
  @Test func `unknown keys survive on every level`() throws {
    let text = """
      {"ulid":"01HRHZY1X0GRPQYTXA97J3EX5S","version":1,"out_of_order":true,
       "stats":{"numSeries":1,"s":[]},"compaction":{"level":1,"c":{},
       "parents":[{"ulid":"01HRHZY1X0GRPQYTXA97J3EX5S","p":1.50}]},
       "thanos":{"t":null,"downsample":{"resolution":0,"d":"x"},
       "files":[{"rel_path":"index","f":1,"hash":{"hashFunc":"SHA256","value":"0","h":2}}],
       "index_stats":{"i":12345678901234567890}}}
      """
    let meta = try BlockMeta(json: Array(text.utf8))
    let written = meta.jsonBytes()
    #expect(try BlockMeta(json: written) == meta)
    let output = String(decoding: written, as: UTF8.self)
    for kept in [
      "\"out_of_order\": true", "\"s\": []", "\"c\": {}", "\"p\": 1.50", "\"t\": null",
      "\"d\": \"x\"", "\"f\": 1", "\"h\": 2", "\"i\": 12345678901234567890",
    ] {
      #expect(output.contains(kept))
    }
  }

  @Test func `a block without Thanos section is written without line feed`() throws {
    let meta = BlockMeta(id: .zero, minTime: 1, maxTime: 2)
    #expect(meta.jsonBytes().last == UInt8(ascii: "}"))
    #expect(try BlockMeta(json: meta.jsonBytes()) == meta)
    #expect(meta.externalLabels.isEmpty)
  }

  @Test func `external labels come sorted by their bytes`() throws {
    let text = #"{"version":1,"thanos":{"labels":{"é":"1","e":"2","Z":"3","\u0065":"4"}}}"#
    let labels = try BlockMeta(json: Array(text.utf8)).externalLabels
    #expect(labels.map { String(decoding: $0.name, as: UTF8.self) } == ["Z", "e", "é"])
    #expect(labels.map(\.value) == [[0x33], [0x34], [0x31]])
  }

  @Test(arguments: [
    (
      #"{"version":1,"thanos":{"files":[{},{"size_bytes":"5"}]}}"#,
      "meta.json: thanos.files[1].size_bytes: must be an integer of 64 bits"
    ),
    (#"{"version":3}"#, "meta.json: version: is 3, only 1 is known"),
    (
      #"{"version":1,"compaction":{"sources":["x"]}}"#,
      "meta.json: compaction.sources[0]: must be a ULID of 26 characters"
    ),
    (#"{"version":1,"#, "meta.json: offset 13: the file ends too early"),
    ("", "meta.json: offset 0: the file is empty"),
    ("[]", "meta.json: must be an object, not a list"),
  ])
  func `a mistake is named by its key or offset`(text: String, message: String) throws {
    let error = #expect(throws: BlockError.self) { try BlockMeta(json: Array(text.utf8)) }
    #expect(error?.description == message)
  }

  @Test func `deep nesting is an error and no crash`() {
    for open in ["[", "{\"a\":"] {
      let text = String(repeating: open, count: 100_000)
      let error = #expect(throws: BlockError.self) { try BlockMeta(json: Array(text.utf8)) }
      #expect(error?.code == .limitExceeded)
    }
  }

  @Test func `no prefix and no flipped bit of a document traps`() throws {
    let bytes = try Golden.bytes("compact/meta/14-files.json")
    for end in 0..<bytes.count { _ = try? BlockMeta(json: Array(bytes[..<end])) }
    for position in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[position] ^= 1 << bit
        guard let meta = try? BlockMeta(json: damaged) else { continue }
        _ = meta.jsonBytes()
      }
    }
  }

  @Test(arguments: [
    ("0001-01-01T00:00:00Z", Int64(-62_135_596_800_000)), ("1970-01-01T00:00:00Z", 0),
    ("2024-02-29T12:00:00.12+01:00", 1_709_204_400_120), ("1969-12-31T23:59:59.999Z", -1),
    ("9999-12-31T23:59:59.999999999Z", 253_402_300_799_999),
  ])
  func `an upload time keeps its text and knows its moment`(text: String, milliseconds: Int64) {
    #expect(UploadTime(text)?.description == text)
    #expect(UploadTime(text)?.milliseconds == milliseconds)
  }

  @Test func `milliseconds become an upload time and come back`() {
    for milliseconds: Int64 in [0, -1, 1_709_204_400_120, -62_135_596_800_000] {
      #expect(UploadTime(milliseconds: milliseconds).milliseconds == milliseconds)
    }
    #expect(UploadTime(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
  }

  @Test(arguments: [
    "2023-02-29T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00",
    "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00+24:00", "2024-13-01T00:00:00Z", "yesterday", "",
  ])
  func `what is no time is refused`(text: String) {
    #expect(UploadTime(text) == nil)
  }
}
