internal import Crypto
internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

/// `--hash-func` of the commands that write blocks for buckets.
@Suite struct `Hashes of new blocks` {
  /// Whether meta.json lists all other files with the hashes that they have.
  private func isHashed(_ block: String) throws -> Bool {
    let files = try BlockReader.readMeta(block).thanos?.files ?? []
    #expect(files.map(\.path) == ["chunks/000001", "index", "meta.json"])
    return try files.dropLast().allSatisfy { file in
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(block)/\(file.path)"))
      let hash = SHA256.hash(data: data).map { String(format: "%02x", $0) }.joined()
      return file.size == data.count && file.hash?.function == "SHA256" && file.hash?.value == hash
    } && files.last?.hash == nil
  }

  private func others(_ fixture: BucketFixture, than old: BlockID) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: fixture.bucket)
      .filter { BlockID($0) != nil && $0 != "\(old)" }.map { "\(fixture.bucket)/\($0)" }
  }

  private let deletion = [
    "--rewrite.to-delete-config", "[{matchers: '{job=\"j1\"}'}]", "--no-dry-run",
  ]

  @Test(arguments: [false, true])
  func `rewrite, salvage and downsample in a bucket write them`(isRemote: Bool) throws {
    for words in [
      ["bucket", "rewrite", "--id", "ID"] + deletion, ["salvage", "ID", "--in-bucket"],
      ["tools", "bucket", "downsample", "--block-files-concurrency=2", "--data-dir=WORK"],
    ] {
      for function in isRemote ? ["SHA256"] : ["SHA256", ""] {
        try BucketFixture.with(isRemote: isRemote) { fixture in
          let id = try fixture.add(0) { meta in
            guard words.contains("downsample") else { return }
            meta.maxTime = meta.minTime + 48 * BucketFixture.hour
            meta.compaction.level = 3
          }
          if words.contains("salvage") { try fixture.damage("\(id)/chunks/000001", at: 40) }
          let arguments = words.map {
            $0.replacing("ID", with: "\(id)").replacing("WORK", with: fixture.directory + "/work")
          }
          let run = ToolRun(
            arguments + ["--hash-func", function, "--objstore.config", fixture.configuration],
            isRemote: isRemote)
          #expect(run.status != .failed, "\(run.remarks)")
          let new = try #require(try others(fixture, than: id).first)
          #expect(try isHashed(new) == !function.isEmpty)
          #expect(
            fixture.run("verify", BlockID(new.suffix(26)).map(\.description) ?? "").status == .clean
          )
        }
      }
    }
  }

  @Test func `local rewrite, downsample and upload write them`() throws {
    try BucketFixture.with { fixture in
      let local = fixture.directory + "/data"
      let id = try fixture.add(0, in: local)
      for words in [["rewrite"] + deletion, ["downsample", "--resolution", "5m"]] {
        let output = "\(fixture.directory)/\(words[0])"
        let run = ToolRun(
          words.prefix(1) + ["\(local)/\(id)", "-o", output, "--hash-func", "SHA256"]
            + words.dropFirst())
        #expect(run.status == .clean, "\(run.remarks)")
        let name = try #require(
          try FileManager.default.contentsOfDirectory(atPath: output).first)
        #expect(try isHashed("\(output)/\(name)"))
      }
      let upload = fixture.run("bucket", "upload", "\(local)/\(id)", "--hash-func", "SHA256")
      #expect(upload.status == .clean, "\(upload.remarks)")
      #expect(try isHashed("\(fixture.bucket)/\(id)"))
    }
  }

  @Test func `other functions, and salvage without a bucket, are refused`() throws {
    try BucketFixture.with { fixture in
      let id = try fixture.add(0)
      #expect(
        fixture.run("salvage", "\(id)", "--in-bucket", "--hash-func", "MD5").status == .failed)
      let run = fixture.run("salvage", "\(id)", "--dry-run", "--hash-func", "SHA256")
      #expect(run.status == .failed)
      #expect(run.remarks.first?.contains("--hash-func goes with --in-bucket") == true)
    }
  }
}
