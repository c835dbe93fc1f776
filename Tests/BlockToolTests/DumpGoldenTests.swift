internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

@Suite struct `Dump Golden` {
  @Test func `dump prints every sample that is not deleted, or says that it cannot`() throws {
    let root = try Golden.unpacked("format/blocks.tar.gz")
    for block in try Golden.jsonLines("format/blocks.jsonl") {
      let name = try #require(block["name"].string)
      let run = ToolRun("dump", root + "/" + (try #require(block["path"].string)))
      let encodings = try #require(block["totals"]["chunks_by_encoding"].object).keys
      guard encodings.allSatisfy({ $0 == "1" || $0 == "4" }) else {
        #expect(run.status == .failed, "\(name)")
        #expect(run.remarks.count == 1)
        continue
      }
      #expect(run.status == .clean, "\(name) \(run.remarks)")
      guard block["tombstones"].array?.isEmpty == true else { continue }
      #expect(run.lines.count == block["totals"]["samples"].int, "\(name)")
    }
  }

  @Test func `inspect and dump of a damaged block never trap`() throws {
    let root = try Golden.unpacked("format/corrupt.tar.gz")
    for block in try Golden.jsonLines("format/corrupt.jsonl") {
      let path = root + "/" + (try #require(block["block"].string))
      let isError = block["severity"].string == "error"
      let run = ToolRun("inspect", path, "--output", "json")
      #expect((run.status == .damaged) == isError, "\(block["id"])")
      #expect(try JSONValue(parsing: Array(run.output.utf8))["isDamaged"].bool == isError)
      _ = ToolRun("dump", path)
    }
  }
}
