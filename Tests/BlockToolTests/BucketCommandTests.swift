internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

@Suite struct `Bucket commands` {
  @Test func `ls prints a ULID a line, and the lines and documents of Thanos when asked`() throws {
    try BucketFixture.with { fixture in
      let first = try fixture.add(0)
      let second = try fixture.add(1, labels: ["cluster": "b"]) { $0.compaction.level = 2 }
      #expect(fixture.run("bucket", "ls").lines == ["\(first)", "\(second)"])
      #expect(
        fixture.run("bucket", "ls", "-o", "wide").lines == [
          "\(first) -- 2024-03-01T12:00:00Z - 2024-03-01T14:00:00Z Diff: 2h0m0s, "
            + "Compaction: 1, Downsample: 0, Source: sidecar",
          "\(second) -- 2024-03-01T14:00:00Z - 2024-03-01T16:00:00Z Diff: 2h0m0s, "
            + "Compaction: 2, Downsample: 0, Source: sidecar",
        ])
      let json = fixture.run("bucket", "ls", "--output=json", "--level", "2").output
      #expect(try JSONValue(parsing: Array(json.utf8))["ulid"].string == "\(second)")
      #expect(fixture.run("tools", "bucket", "ls", "--log.level=debug").lines.count == 2)
    }
  }

  @Test func `ls chooses by labels, level, resolution and time, and leaves out marked blocks`()
    throws
  {
    try BucketFixture.with { fixture in
      let first = try fixture.add(0)
      let second = try fixture.add(1, labels: ["cluster": "b"])
      let third = try fixture.add(2) { $0.thanos?.resolution = 300_000 }
      func ids(_ words: String...) -> [String] {
        ToolRun(["bucket", "ls", "--objstore.config", fixture.configuration] + words).lines
      }
      #expect(ids("-l", "cluster=\"b\"") == ["\(second)"])
      #expect(ids("--selector", "cluster!~b|c") == ["\(first)", "\(third)"])
      #expect(ids("--resolution", "5m") == ["\(third)"])
      #expect(ids("--min-time", "2024-03-01T15:00:00Z") == ["\(second)", "\(third)"])
      #expect(ids("--max-time", "2024-03-01T13:00:00Z") == ["\(first)"])
      let rules = "[{action: drop, source_labels: [cluster], regex: b}]"
      #expect(ids("--selector.relabel-config", rules) == ["\(first)", "\(third)"])
      let mark = fixture.run(
        "bucket", "mark", "--id", "\(first)", "--marker", "deletion-mark.json", "--details", "test")
      #expect(mark.status == .clean)
      #expect(ids("--exclude-delete") == ["\(second)", "\(third)"])
      #expect(ids().count == 3)
    }
  }

  @Test(arguments: [false, true])
  func `inspect prints the columns of Thanos in the order wanted`(isRemote: Bool) throws {
    try BucketFixture.with(isRemote: isRemote) { fixture in
      let first = try fixture.add(0)
      let second = try fixture.add(1, labels: ["cluster": "b", "z": "1"])
      let run = fixture.run("bucket", "inspect", "--output", "csv", "--sort-by", "UNTIL-DOWN")
      #expect(
        run.lines == [
          "ULID,FROM,UNTIL,RANGE,UNTIL-DOWN,#SERIES,#SAMPLES,#CHUNKS,COMP-LEVEL,COMP-FAILED,"
            + "LABELS,RESOLUTION,SOURCE",
          "\(first),2024-03-01T12:00:00Z,2024-03-01T14:00:00Z,2h0m0s,38h0m0s,4,800,8,1,false,"
            + "cluster=a,0s,sidecar",
          "\(second),2024-03-01T14:00:00Z,2024-03-01T16:00:00Z,2h0m0s,38h0m0s,4,800,8,1,false,"
            + "\"cluster=b,z=1\",0s,sidecar",
        ])
      let table = fixture.run("bucket", "inspect", "-l", "cluster=\"a\"")
      #expect(table.lines.count == 3)
      #expect(table.lines.allSatisfy { $0.hasPrefix("|") && $0.hasSuffix("|") })
    }
  }

  @Test func `marks are written once, removed, and refused for blocks that are not there`() throws {
    try BucketFixture.with { fixture in
      let id = try fixture.add(0)
      func mark(_ words: String...) -> ToolRun {
        ToolRun(["bucket", "mark", "--objstore.config", fixture.configuration] + words)
      }
      for marker in ["deletion", "no-compact", "no-downsample"] {
        let run = mark("--id", "\(id)", "--marker", marker, "--details", "because")
        #expect(run.lines == ["\(id)  \(marker)-mark.json  marked"])
        #expect(fixture.exists("\(id)/\(marker)-mark.json"))
        let again = mark("--id", "\(id)", "--marker", marker, "--details", "because")
        #expect(again.lines == ["\(id)  \(marker)-mark.json  was marked before"])
      }
      let read = try NoCompactMark(json: fixture.bytes("\(id)/no-compact-mark.json"))
      #expect(read.id == id && read.details == "because" && read.reason == "manual")
      #expect(mark("--id", "\(id)", "--marker", "no-compact", "--remove").status == .clean)
      #expect(!fixture.exists("\(id)/no-compact-mark.json"))
      let other = BlockID.make(now: 1)
      let missing = mark("--id", "\(other)", "--marker", "deletion", "--details", "x")
      #expect(missing.status == .failed)
      #expect(!fixture.exists("\(other)"))
      #expect(mark("--id", "\(id)", "--marker", "deletion").status == .failed)
      #expect(fixture.run("bucket", "undelete", "--all").status == .clean)
      #expect(!fixture.exists("\(id)/deletion-mark.json"))
      let unmark = fixture.run("bucket", "unmark", "--id", "\(id)", "--marker", "no-downsample")
      #expect(unmark.status == .clean)
      #expect(!fixture.exists("\(id)/no-downsample-mark.json"))
    }
  }

  @Test func `undelete says plainly that a block whose files are gone stays gone`() throws {
    try BucketFixture.with { fixture in
      let id = try fixture.add(0)
      try FileManager.default.removeItem(atPath: "\(fixture.bucket)/\(id)/meta.json")
      let run = fixture.run("bucket", "undelete", "--id", "\(id)")
      #expect(run.status == .failed)
      #expect(run.remarks.first?.contains("sees no older versions of objects") == true)
    }
  }

  @Test func `cleanup deletes what was marked long ago and what was given up, and says so before`()
    throws
  {
    try BucketFixture.with { fixture in
      let (old, young, whole) = (try fixture.add(0), try fixture.add(1), try fixture.add(2))
      let partial = try fixture.add(3)
      let now = currentMilliseconds() / 1000
      for (id, age) in [(old, Int64(49)), (young, 1)] {
        let mark = DeletionMark(id: id, details: "test", time: now - age * 3600)
        try Data(mark.jsonBytes()).write(
          to: URL(fileURLWithPath: "\(fixture.bucket)/\(id)/deletion-mark.json"))
      }
      try FileManager.default.removeItem(atPath: "\(fixture.bucket)/\(partial)/meta.json")
      for name in ["index", "tombstones", "chunks/000001"] {
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSinceNow: -49 * 3600)],
          ofItemAtPath: "\(fixture.bucket)/\(partial)/\(name)")
      }
      let dry = fixture.run("bucket", "cleanup", "--dry-run")
      #expect(
        dry.lines == [
          "\(old)  would be deleted: marked",
          "\(partial)  would be deleted: an upload that was given up", "2 blocks would be deleted",
        ])
      #expect(fixture.exists("\(old)/index"))
      #expect(fixture.run("bucket", "cleanup").lines.last == "2 blocks deleted")
      #expect(!fixture.exists("\(old)") && !fixture.exists("\(partial)"))
      #expect(fixture.exists("\(young)/index") && fixture.exists("\(whole)/index"))
    }
  }

  @Test func `retention marks blocks whose time is over`() throws {
    try BucketFixture.with { fixture in
      let raw = try fixture.add(0)
      let coarse = try fixture.add(1) { $0.thanos?.resolution = 300_000 }
      let dry = fixture.run("bucket", "retention", "--retention.resolution-raw=30d", "--dry-run")
      #expect(dry.lines.last == "1 block would be marked")
      #expect(!fixture.exists("\(raw)/deletion-mark.json"))
      #expect(
        fixture.run("bucket", "retention", "--retention.resolution-raw=30d").lines.last
          == "1 block marked")
      #expect(fixture.exists("\(raw)/deletion-mark.json"))
      #expect(!fixture.exists("\(coarse)/deletion-mark.json"))
    }
  }

  @Test(arguments: [false, true])
  func `replicate copies the blocks chosen, meta.json as it is, and nothing twice`(isRemote: Bool)
    throws
  {
    try BucketFixture.with(isRemote: isRemote) { fixture in
      let wanted = try fixture.add(0)
      let coarse = try fixture.add(1) { $0.thanos?.resolution = 300_000 }
      let high = try fixture.add(2) { $0.compaction.level = 5 }
      let other = try fixture.add(3, labels: ["cluster": "b"])
      let target = fixture.directory + "/target"
      func replicate(_ words: String...) -> ToolRun {
        ToolRun(
          [
            "bucket", "replicate", "--objstore.config", fixture.configuration,
            "--objstore-to.config", BucketFixture.configuration(target), "--single-run",
            "--http-address=127.0.0.1:0",
          ] + words, isRemote: isRemote)
      }
      let run = replicate("--matcher", "cluster=a", "--resolution", "0s")
      #expect(run.status == .clean, "\(run.remarks)")
      #expect(run.lines.count == 1 && run.output.contains("copied, 4 objects"))
      let files = FileManager.default
      for name in ["meta.json", "index", "chunks/000001"] {
        #expect(
          files.contentsEqual(
            atPath: "\(fixture.bucket)/\(wanted)/\(name)", andPath: "\(target)/\(wanted)/\(name)"))
      }
      for id in [coarse, high, other] { #expect(!files.fileExists(atPath: "\(target)/\(id)")) }
      #expect(replicate("--matcher", "cluster=a", "--resolution", "0s").output.contains("is there"))
      // A file of another size is sent again, one that is there is not.
      try Data([1]).write(to: URL(fileURLWithPath: "\(target)/\(wanted)/index"))
      try Data().write(to: URL(fileURLWithPath: "\(target)/\(wanted)/meta.json"))
      #expect(replicate("--id", "\(wanted)").output.contains("copied, 2 objects"))
      #expect(
        files.contentsEqual(
          atPath: "\(fixture.bucket)/\(wanted)/index", andPath: "\(target)/\(wanted)/index"))
    }
  }

  @Test(arguments: [false, true])
  func `upload publishes healthy blocks with labels, once, and refuses damaged ones`(isRemote: Bool)
    throws
  {
    try BucketFixture.with(isRemote: isRemote) { fixture in
      let local = fixture.directory + "/data"
      let plain = try fixture.add(0, in: local) { $0.thanos = nil }
      let compacted = try fixture.add(1, in: local) { $0.compaction.level = 2 }
      let bare = fixture.run("bucket", "upload", "--path", local)
      #expect(bare.status == .failed)
      #expect(bare.remarks.first?.contains("--label") == true)
      let run = fixture.run(
        "bucket", "upload-blocks", "--path", local, "--label", "cluster=\"new\"")
      #expect(run.status == .clean, "\(run.remarks)")
      #expect(run.lines.count == 2 && run.lines[1].contains("left out: compacted"))
      let meta = try BlockMeta(json: fixture.bytes("\(plain)/meta.json"))
      #expect(meta.thanos?.labels.first?.value == Array("new".utf8))
      #expect(meta.thanos?.source == "bucket.upload")
      #expect(meta.thanos?.files.map(\.path) == ["chunks/000001", "index", "meta.json"])
      #expect(
        fixture.run("bucket", "upload", "--path", local, "--label", "a=b").output
          .contains("\(plain)  is there"))
      let path = "\(local)/\(compacted)/chunks/000001"
      var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
      bytes[30] ^= 4
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let damaged = fixture.run("bucket", "upload", "\(local)/\(compacted)")
      #expect(damaged.status == .damaged)
      #expect(!fixture.exists("\(compacted)"))
      // Everything that came in is healthy.
      #expect(fixture.run("verify").status == .clean)
    }
  }

  @Test func `plan answers as compact plan does`() throws {
    try BucketFixture.with { fixture in
      for number in 0..<5 { try fixture.add(number) }
      let run = fixture.run("bucket", "plan", "--consistency-delay=0s", "--output", "json")
      #expect(run.status == .clean, "\(run.remarks)")
      let plan = try JSONValue(parsing: Array(run.output.utf8))
      #expect(plan["blocks"].array?.count == 5)
      #expect(plan["compactions"].array?.count == 1)
    }
  }

  @Test func `downsample makes the coarser block of one that is long enough`() throws {
    try BucketFixture.with { fixture in
      try fixture.add(0) { meta in
        meta.maxTime = meta.minTime + 48 * BucketFixture.hour
        meta.compaction.level = 3
      }
      let run = fixture.run("bucket", "downsample", "--data-dir", fixture.directory + "/work")
      #expect(run.status == .clean, "\(run.remarks)")
      #expect(run.lines.last == "1 block made")
      #expect(fixture.run("bucket", "ls", "--resolution", "5m").lines.count == 1)
    }
  }

  @Test(arguments: [false, true])
  func `verify finds damage, overlaps and doubles, and repairs what can be repaired`(isRemote: Bool)
    throws
  {
    try BucketFixture.with(isRemote: isRemote) { fixture in
      let damaged = try fixture.add(0)
      let healthy = try fixture.add(1)
      #expect(fixture.run("bucket", "verify").lines.last == "2 blocks, nothing found")
      try fixture.damage("\(damaged)/chunks/000001", at: 40)
      let found = fixture.run("bucket", "verify")
      #expect(found.status == .damaged)
      #expect(found.lines[0].hasPrefix("index_known_issues  \(damaged)  error chunks/000001"))
      #expect(found.lines[0].contains("1 series loses 120 samples"))
      #expect(fixture.run("bucket", "verify", "--id", "\(healthy)").status == .clean)
      #expect(fixture.run("bucket", "verify", "--repair").status == .failed)
      let backup = fixture.directory + "/backup"
      let repair = fixture.run(
        "bucket", "verify", "-r", "--objstore-backup.config", BucketFixture.configuration(backup))
      #expect(repair.status == .clean, "\(repair.remarks)")
      #expect(!fixture.exists("\(damaged)"))
      #expect(FileManager.default.fileExists(atPath: "\(backup)/\(damaged)/meta.json"))
      #expect(fixture.run("bucket", "ls").lines.count == 2)
      #expect(fixture.run("bucket", "verify").status == .clean)
      try fixture.add(1)
      let doubled = fixture.run("bucket", "verify", "-i", "overlapped_blocks")
      #expect(doubled.status == .damaged)
    }
  }
}
