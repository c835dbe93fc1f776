internal import Console
internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

@Suite struct `Commands` {
  private static let start: Int64 = 1_709_294_400_000

  private func withBlock(_ body: (String) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let id = BlockID.make(now: Self.start)
      let series = ["api", "db"].map { job in
        TestSeries(
          LabelSet(["__name__": "up", "job": job]),
          (0..<3).map { (Self.start + $0 * 15_000, Double($0) / 2) })
      }
      try makeBlock(at: "\(directory)/\(id)", id: id, series)
      try body("\(directory)/\(id)")
    }
  }

  @Test func `inspect of a healthy block is clean and shows its sections`() throws {
    try withBlock { block in
      let run = ToolRun("inspect", block)
      #expect(run.status == .clean)
      #expect(run.lines.contains("  series       2"))
      #expect(run.lines.contains("  samples      6"))
      let healthy = "\nProblems\n  none found"
      #expect(run.output.hasSuffix(healthy + "; samples were not decoded, --deep does that\n"))
      #expect(ToolRun("inspect", block, "--deep").output.hasSuffix(healthy + "\n"))
      let json = try JSONValue(
        parsing: Array(ToolRun("inspect", block, "--output", "json").output.utf8))
      #expect(json["samples"].int == 6)
      #expect(json["isDamaged"].bool == false)
      #expect(json["sections"][0]["checksum"].string == "ok")
    }
  }

  @Test(arguments: [false, true])
  func `with --quiet nobody is told how far a command has come`(isQuiet: Bool) throws {
    try withBlock { block in
      var time = 0.0
      var shown: [String] = []
      let progress = ProgressLine(
        width: 80,
        now: {
          time += 1
          return time
        }, write: { shown.append($0) })
      let context = ToolContext(
        output: Output(), terminal: Terminal(width: 80), remark: { _ in }, progress: progress)
      for command in [["verify", block], ["merge", block, "-o", block + "-new"]] {
        shown = []
        let status = BlockTool.run(command + (isQuiet ? ["--quiet"] : []), context)
        #expect(status == .clean)
        #expect(shown.isEmpty == isQuiet, "\(command)")
      }
    }
  }

  @Test func `inspect of a damaged block names the damage and returns 2`() throws {
    try withBlock { block in
      let path = block + "/chunks/000001"
      var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
      bytes[20] ^= 1
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let run = ToolRun("inspect", block)
      #expect(run.status == .damaged)
      #expect(run.output.contains("error chunk-record chunks/000001: chunk at offset 8: checksum"))
      #expect(run.output.contains(#"lost: {__name__="up", job="api"} from 1709294400000"#))
      let dump = ToolRun("dump", block)
      #expect(dump.status == .damaged)
      #expect(dump.lines.count == 3)
      #expect(dump.remarks.count == 1)
    }
  }

  @Test func `dump prints the lines of promtool`() throws {
    try withBlock { block in
      let run = ToolRun("dump", block, "--match", "up{job!=\"db\"}")
      #expect(run.status == .clean)
      #expect(
        run.lines == [
          #"{__name__="up", job="api"} 0 1709294400000"#,
          #"{__name__="up", job="api"} 0.5 1709294415000"#,
          #"{__name__="up", job="api"} 1 1709294430000"#,
        ])
    }
  }

  @Test func `dump keeps to the times given`() throws {
    try withBlock { block in
      let run = ToolRun(
        "dump", block, "--min-time", "1709294415000", "--max-time", "2024-03-01T12:00:15Z",
        "--format", "json", "--match", "up{job=\"api\"}")
      #expect(
        run.output
          == #"{"labels":{"__name__":"up","job":"api"},"timestamps":[1709294415000],"#
          + #""values":["0.5"]}"# + "\n")
    }
  }

  @Test func `series of several selectors come once each and in order`() throws {
    try withBlock { block in
      let run = ToolRun("series", block, "--match", "up", "--match", "{job=\"db\"}")
      #expect(run.lines == [#"{__name__="up", job="api"}"#, #"{__name__="up", job="db"}"#])
    }
  }

  @Test func `ls shows blocks and those that cannot be read`() throws {
    try withBlock { block in
      let directory = String(block.dropLast(27))
      let run = ToolRun("ls", directory)
      #expect(run.status == .clean)
      #expect(run.lines.count == 2)
      try Data().write(to: URL(fileURLWithPath: block + "/meta.json"))
      let damaged = ToolRun("ls", directory, "--output", "json")
      #expect(damaged.status == .damaged)
      let json = try JSONValue(parsing: Array(damaged.output.utf8))
      #expect(json[0]["problem"].string != nil)
    }
  }

  @Test func `ls finds the blocks of a bucket by its configuration`() throws {
    try withBlock { block in
      let directory = String(block.dropLast(27))
      let yaml = "{type: FILESYSTEM, config: {directory: \(directory)}}"
      #expect(ToolRun("ls", "--objstore.config", yaml).output == ToolRun("ls", directory).output)
      let file = directory + "/bucket.yml"
      try "type: FILESYSTEM\nconfig:\n  directroy: /x\n".write(
        toFile: file, atomically: true, encoding: .utf8)
      let mistaken = ToolRun("ls", "--objstore.config-file", file)
      #expect(mistaken.status == .failed)
      #expect(mistaken.remarks.first?.contains("directroy") == true)
    }
  }

  @Test func `what dump writes create reads`() throws {
    try withBlock { block in
      let text = ToolRun("dump", block, "--format", "openmetrics").output
      let file = block + ".om"
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      let out = block + "-out"
      let run = ToolRun("create", file, "-o", out, "--label", "cluster=eu", "--output", "json")
      #expect(run.status == .clean)
      let made = try JSONValue(parsing: Array(run.output.utf8))
      let id = try #require(made["ulid"].string)
      #expect(made["samples"].int == 6)
      #expect(ToolRun("dump", out + "/" + id).output == ToolRun("dump", block).output)
      #expect(ToolRun("inspect", out + "/" + id).output.contains(#"labels       {cluster="eu"}"#))
    }
  }

  @Test(arguments: [
    "up 1 1\nup 1 100000\nup 2 100000\n# EOF\n", "up 1 1\n", "up 1 1\nup\n# EOF\n", "# EOF\n",
  ])
  func `create makes all blocks of a text or none`(text: String) throws {
    try withTemporaryDirectory { directory in
      try text.write(toFile: directory + "/in.om", atomically: true, encoding: .utf8)
      let run = ToolRun("create", directory + "/in.om", "-o", directory + "/db")
      #expect(run.status == .failed)
      #expect(run.output.isEmpty)
      #expect(!FileManager.default.fileExists(atPath: directory + "/db"))
    }
  }

  @Test func `create reads what another program writes`() async throws {
    try await withTemporaryDirectory { directory in
      let program = try RunningProgram(
        "blocktool", ["create", "-", "-o", directory + "/db"],
        wrapper: ["/bin/sh", "-c", "printf 'up 1 1\\nup 2 8000\\n# EOF\\n' | \"$@\"", "sh"])
      #expect(await program.waitForExit() == 0)
      #expect(program.errors.isEmpty)
      let blocks = try FileManager.default.contentsOfDirectory(atPath: directory + "/db")
      #expect(blocks.count == 2)
      #expect(
        program.output.split(separator: "\n").map { String($0.prefix(26)) } == blocks.sorted())
    }
  }

  @Test(arguments: [
    ["frobnicate"], ["inspect"], ["ls"], ["ls", "/", "--objstore.config", "x"],
    ["inspect", "/does/not/exist"], ["ls", "/does/not/exist"],
    ["dump", "/", "--format", "xml"], ["series", "/does/not/exist"],
    ["create", "/does/not/exist", "-o", "/tmp"], ["dump", "/", "--min-time", "noon"],
    ["inspect", "/"], ["create", "x", "-o", "/tmp", "--label", "novalue"],
    ["dump", "/", "--min-time", "2", "--max-time", "1"], ["dump", "/", "--aggregate", "mean"],
    ["merge", "/does/not/exist", "-o", "/tmp"], ["merge", "/tmp"], ["diff", "/tmp"],
    ["split", "/does/not/exist", "-o", "/tmp"], ["split", "/tmp", "-o", "/tmp", "--range", "0s"],
    ["downsample", "/tmp", "-o", "/tmp"], ["downsample", "/", "-o", "/tmp", "--resolution", "7m"],
    ["index-header", "/does/not/exist", "-o", "/tmp/x"], ["inspect", "/tmp", "--map"],
    ["inspect", "/etc/passwd", "--map"], ["diff", "/", "/", "--limit", "-1"],
  ])
  func `a mistake in the arguments returns 1 and prints nothing`(arguments: [String]) {
    let run = ToolRun(arguments)
    #expect(run.status == .failed)
    #expect(run.output.isEmpty)
    #expect(run.remarks.count == 1)
  }

  @Test func `help is no error`() {
    let run = ToolRun("--help")
    #expect(run.status == .clean)
    #expect(run.output.contains("blocktool inspect /data/01HRHZ2KZ8H174NHP7YJ73AGKH"))
    #expect(ToolRun([]).status == .clean)
  }

  @Test func `the version is told in the form of the other programs`() {
    let run = ToolRun("--version")
    #expect(run.status == .clean)
    #expect(run.output.hasPrefix("blocktool, version "))
  }
}
