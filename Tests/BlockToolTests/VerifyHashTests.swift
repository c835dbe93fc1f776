internal import Crypto
internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

/// `verify` and the hashes that meta.json lists.
@Suite struct `Verify of hashes` {
  private func add(_ fixture: BucketFixture, function: String = "SHA256") throws -> BlockID {
    let id = try fixture.add(0)
    let path = "\(fixture.bucket)/\(id)"
    var meta = try BlockReader.readMeta(path)
    meta.thanos?.files = try ["chunks/000001", "index"].map { file in
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(file)"))
      let hash = SHA256.hash(data: data).map { String(format: "%02x", $0) }.joined()
      return ThanosMeta.File(
        path: file, size: Int64(data.count), hash: .init(function: function, value: hash))
    }
    try Data(meta.jsonBytes()).write(to: URL(fileURLWithPath: path + "/meta.json"))
    return id
  }

  @Test func `right hashes are no finding, unknown functions a warning`() throws {
    try BucketFixture.with { fixture in
      _ = try add(fixture)
      #expect(fixture.run("verify", "--quiet").lines.count == 1)
    }
    try BucketFixture.with { fixture in
      _ = try add(fixture, function: "MD4")
      let run = fixture.run("verify")
      #expect(run.status == .clean)
      #expect(
        run.output.contains("warning meta-hash index: has a hash of the unknown function MD4"))
    }
  }

  @Test func `a file that was replaced by a healthy one is found by its hash`() throws {
    try BucketFixture.with { fixture in
      let id = try add(fixture)
      // The same samples under a name of the same length: everything fits, only the bytes differ.
      let other = try withTemporaryDirectory { directory in
        try makeBlock(
          at: directory + "/b", id: id,
          (0..<4).map { job in
            TestSeries(
              LabelSet(["__name__": "uq", "job": "j\(job)"]),
              (0..<200).map {
                (BucketFixture.start + Int64($0) * 30_000, Double($0 * (job + 1)))
              })
          })
        return try Data(contentsOf: URL(fileURLWithPath: directory + "/b/index"))
      }
      try other.write(to: URL(fileURLWithPath: "\(fixture.bucket)/\(id)/index"))
      let run = fixture.run("verify")
      #expect(run.status == .damaged)
      #expect(run.output.contains("error meta-hash index: has the SHA256"))
      #expect(run.output.contains("the file is not the one that was uploaded"))
    }
  }

  @Test func `a finding says what it costs`() throws {
    try BucketFixture.with { fixture in
      let id = try fixture.add(0)
      try fixture.damage("\(id)/chunks/000001", at: 40)
      let json = try JSONValue(
        parsing: Array(fixture.run("verify", "--output", "json").output.utf8))
      let finding = json["blocks"][0]["findings"][0]
      #expect(finding["code"].string == "chunk-record")
      #expect(
        finding["loss"].string
          == "1 series loses 120 samples between 2024-03-01T12:00:00Z and 2024-03-01T12:59:30Z")
    }
  }
}
