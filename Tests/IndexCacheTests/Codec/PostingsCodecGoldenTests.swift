import Foundation
import IndexCache
import TestSupport
import Testing

@Suite struct PostingsCodecGoldenTests {
  @Test func `values of the reference decode to its lists, and ours too`() throws {
    let cases = try Golden.jsonLines("store/cache-codec.jsonl").filter {
      $0["kind"].string == "codec"
    }
    try #require(!cases.isEmpty)
    var ids: [UInt32] = []
    for example in cases {
      let streamed = try #require(example["dss"].hexBytes)
      try PostingsCodec.decode(streamed, into: &ids)
      try expect(ids, toBe: example)
      let own = PostingsCodec.encode(ids)
      let expected = ids
      if let block = example["dvs"].hexBytes {
        try PostingsCodec.decode(block, into: &ids)
        #expect(ids == expected)
      }
      try PostingsCodec.decode(own, into: &ids)
      #expect(ids == expected)
    }
  }

  @Test func `lists that the running store keeps are read and written`() throws {
    let cases = try Golden.jsonLines("store/cache-codec.jsonl").filter {
      ["postings", "expanded"].contains($0["kind"].string)
    }
    try #require(!cases.isEmpty)
    var ids: [UInt32] = []
    var again: [UInt32] = []
    for example in cases {
      let value = try #require(example["value"].hexBytes)
      try PostingsCodec.decode(value, into: &ids)
      try PostingsCodec.decode(PostingsCodec.encode(ids), into: &again)
      #expect(again == ids)
    }
  }

  @Test func `a short list is written as the reference writes it`() throws {
    let value = try #require(
      hexBytes("647373ff060000734e6150705901090000" + "8cda446a010101e507"))
    #expect(PostingsCodec.encode([1, 2, 3, 1000]) == value)
    #expect(PostingsCodec.encode([]) == Array("dss".utf8))
  }

  /// Long lists are told by their ends and their SHA-256.
  private func expect(_ ids: [UInt32], toBe example: JSONValue) throws {
    #expect(ids.count == example["count"].int)
    if let refs = example["refs"].array {
      #expect(ids.map { Int64($0) } == refs.map(\.int64))
      return
    }
    #expect(ids.first.map { Int64($0) } == example["first"].int64)
    #expect(ids.last.map { Int64($0) } == example["last"].int64)
    let words = ids.flatMap { id in (0..<8).map { UInt8(UInt64(id) >> (56 - 8 * $0) & 0xFF) } }
    let hash = try sha256(words)
    #expect(hash == example["refs_sha256"].string)
  }

  private func sha256(_ bytes: [UInt8]) throws -> String {
    let directory = try makeTemporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try Data(bytes).write(to: URL(fileURLWithPath: directory + "/ids"))
    let output = try runProcess("sha256sum", [directory + "/ids"]).requireSuccess().output
    return String(decoding: output.prefix(64), as: UTF8.self)
  }
}
