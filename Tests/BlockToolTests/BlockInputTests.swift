internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

@Suite struct `Blocks in buckets` {
  @Test(arguments: [false, true])
  func `commands read a block of a bucket as they read its directory`(isRemote: Bool) throws {
    try BucketFixture.with(isRemote: isRemote) { fixture in
      let id = try fixture.add(0)
      let path = "\(fixture.bucket)/\(id)"
      for words in [["series"], ["dump"], ["dump", "--format", "csv"]] {
        let local = ToolRun([words[0], path] + words.dropFirst())
        let run = ToolRun(
          [words[0], "\(id)"] + words.dropFirst()
            + ["--objstore.config", fixture.configuration], isRemote: isRemote)
        #expect(run.status == .clean, "\(run.remarks)")
        #expect(run.output == local.output)
      }
      #expect(fixture.run("inspect", "\(id)").lines.contains("  samples      800"))
      #expect(fixture.run("inspect", "\(id)", "--at", "index:0").status == .clean)
      #expect(
        fixture.run("verify").lines.last == "1 block, none damaged; 4 series and 800 samples read")
      #expect(fixture.run("verify", "\(id)", "--quiet").status == .clean)
      #expect(fixture.run("ls").lines.count == 2)
      let header = fixture.directory + "/index-header"
      #expect(fixture.run("index-header", "\(id)", "-o", header).status == .clean)
      let parts = fixture.directory + "/parts"
      #expect(fixture.run("split", "\(id)", "-o", parts, "--range", "1h").status == .clean)
      let other = try fixture.add(1)
      #expect(fixture.run("diff", "\(id)", "\(other)").status == .different)
      #expect(
        fixture.run("merge", "\(id)", "\(other)", "-o", fixture.directory + "/merged").status
          == .clean)
    }
  }

  @Test func `a name that is no ULID, or leads elsewhere, is refused`() throws {
    try BucketFixture.with { fixture in
      for name in ["../x", "up", "/etc/passwd", "01HRHZ2KZ8H174NHP7YJ73AGKH/../../x"] {
        let run = fixture.run("inspect", name)
        #expect(run.status == .failed)
        #expect(run.remarks.first?.contains("is no ULID") == true)
      }
      let missing = fixture.run("inspect", "01HRHZ2KZ8H174NHP7YJ73AGKH")
      #expect(missing.status == .failed)
    }
  }

  @Test func `a remote block leaves nothing in the temporary directory`() throws {
    try BucketFixture.with(isRemote: true) { fixture in
      let id = try fixture.add(0)
      let scratch = fixture.directory + "/scratch"
      #expect(fixture.run("inspect", "\(id)", "--tmp.dir", scratch).status == .clean)
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)
    }
  }

  @Test(arguments: [false, true])
  func `salvage in a bucket puts the new block in the place of the damaged one`(isRemote: Bool)
    throws
  {
    try BucketFixture.with(isRemote: isRemote) { fixture in
      let id = try fixture.add(0)
      let healthy = fixture.run("salvage", "\(id)", "--in-bucket")
      #expect(healthy.status == .failed)
      #expect(healthy.remarks.first?.contains("is healthy") == true)
      try fixture.damage("\(id)/chunks/000001", at: 40)
      let before = try fixture.bytes("\(id)/chunks/000001")
      let run = fixture.run("salvage", "\(id)", "--in-bucket", "--output", "json")
      #expect(run.status == .damaged, "\(run.remarks)")
      let answer = try JSONValue(parsing: Array(run.output.utf8))
      let new = try #require(answer["ulid"].string)
      let meta = try BlockMeta(json: fixture.bytes("\(new)/meta.json"))
      #expect(meta.stats.samples == 680)
      #expect(meta.thanos?.labels.first?.value == Array("a".utf8))
      #expect(meta.compaction.sources == [id, meta.id].sorted())
      #expect(try fixture.bytes("\(id)/chunks/000001") == before)
      #expect(fixture.exists("\(id)/no-compact-mark.json"))
      let mark = try DeletionMark(json: fixture.bytes("\(id)/deletion-mark.json"))
      #expect(mark.details.hasPrefix("salvaged as \(new): 1 series loses 120 samples"))
      #expect(fixture.run("verify", new).status == .clean)
    }
  }

  @Test func `salvage in a bucket changes nothing when nothing can be saved`() throws {
    try BucketFixture.with { fixture in
      let id = try fixture.add(0)
      try Data().write(to: URL(fileURLWithPath: "\(fixture.bucket)/\(id)/index"))
      let run = fixture.run("salvage", "\(id)", "--in-bucket")
      #expect(run.status == .failed)
      #expect(run.remarks.first?.contains("it was left alone") == true)
      #expect(!fixture.exists("\(id)/deletion-mark.json"))
      #expect(fixture.run("bucket", "ls").lines == ["\(id)"])
    }
  }
}
