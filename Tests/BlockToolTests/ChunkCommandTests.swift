internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

@Suite struct `Chunk decode and index-header` {
  @Test func `golden chunks are decoded with times, bits and hints`() throws {
    for chunk in try Golden.jsonLines("format/chunks.jsonl.gz") {
      // Those of more samples than are listed have tests in the library.
      guard let expected = chunk["samples"].array, expected.count <= 40 else { continue }
      let encoding = try #require(chunk["enc"].int)
      let run = ToolRun(
        "chunk", "decode", "--encoding", "\(encoding)", try #require(chunk["hex"].string),
        "--output", "json")
      #expect(run.status == .clean, "\(chunk["name"]) \(run.remarks)")
      let json = try JSONValue(parsing: Array(run.output.utf8))
      let samples = try #require(json["parts"][0]["samples"].array)
      #expect(json["parts"][0]["count"].int == expected.count, "\(chunk["name"])")
      let times = samples.map { $0["timestamp"].int64 }
      #expect(times == expected.map { $0[1].int64 }, "\(chunk["name"])")
      #expect(samples.map { $0["start"].int64 ?? 0 } == expected.map { $0[0].int64 ?? 0 })
      if expected.first?[2].string != nil {
        #expect(samples.map { $0["bits"].string } == expected.map { $0[2].string })
      } else {
        let hints = [
          "unknown": "unknown", "not_reset": "notReset", "reset": "reset", "gauge": "gauge",
        ]
        #expect(
          samples.map { $0["hint"].string } == expected.map { hints[$0[2]["hint"].string ?? ""] })
      }
    }
  }

  @Test func `aggregates are shown one by one`() throws {
    let aggregate = try #require(
      try Golden.jsonLines("format/chunks.jsonl.gz").first { $0["enc"].int == 255 })
    let hex = try #require(aggregate["hex"].string)
    let run = ToolRun("chunk", "decode", "--encoding", "255", hex, "--output", "json")
    let parts = try #require(
      try JSONValue(parsing: Array(run.output.utf8))["parts"].array)
    let expected = try #require(aggregate["aggregates"].object)
    #expect(Set(parts.compactMap { $0["aggregate"].string }) == Set(expected.keys))
    for part in parts {
      let wanted = expected[part["aggregate"].string ?? ""]?["samples"].array
      #expect(part["samples"].array?.map { $0["timestamp"].int64 } == wanted?.map { $0[1].int64 })
    }
    #expect(ToolRun("chunk", "decode", "--encoding", "255", hex).output.contains("Aggregate count"))
  }

  private func withBlock(_ body: (String) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let model: BlockModel = [
        LabelSet(["__name__": "up"]): [1000: 1.5.bitPattern, 2000: SampleValue.staleMarker]
      ]
      _ = try model.write(to: directory + "/a", 0..<5000)
      try body(directory + "/a")
    }
  }

  @Test func `a chunk is found by its place, and by the hex of its record`() throws {
    try withBlock { block in
      let path = block + "/chunks/000001"
      let run = ToolRun("chunk", "decode", "\(path)@8")
      #expect(run.status == .clean, "\(run.remarks)")
      #expect(run.lines[0] == "Record at offset 8")
      #expect(run.lines[2].hasSuffix(", right"))
      #expect(run.lines.contains("  encoding     1 XOR"))
      let rows = run.lines.map { $0.split(separator: " ").dropFirst() }
      #expect(rows.contains(["1000", "-", "-", "3ff8000000000000", "1.5"]))
      #expect(rows.contains(["2000", "-", "-", "7ff0000000000002", "stale"]))
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))[8...]
      let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
      #expect(ToolRun("chunk", "decode", hex).lines.dropFirst() == run.lines.dropFirst())
      #expect(ToolRun("chunk", "decode", "\(path)@0x8").output == run.output)
    }
  }

  @Test(arguments: [false, true])
  func `a chunk of a block in a bucket is the same as that of its file`(isRemote: Bool) throws {
    try BucketFixture.with(isRemote: isRemote) { fixture in
      let id = try fixture.add(0)
      let local = ToolRun("chunk", "decode", "\(fixture.bucket)/\(id)/chunks/000001@8")
      let run = fixture.run("chunk", "decode", "\(id)/chunks/000001@0x8")
      #expect(run.status == .clean, "\(run.remarks)")
      #expect(run.output == local.output && run.lines[0] == "Record at offset 8")
      for (words, complaint) in [
        ("\(id)/chunks/000001@99999999", "the file has only"), ("\(id)/chunks/000001@x", "offset"),
        ("../\(id)/chunks/000001@8", "is no ULID"), ("\(id)/chunks/000009@8", "000009"),
        ("0001fc97b9caec5d0000000000000000", isRemote ? "no place in a bucket" : "no place"),
      ] {
        let failed = fixture.run("chunk", "decode", words)
        #expect(failed.status == .failed)
        #expect(failed.remarks.first?.contains(complaint) == true, "\(failed.remarks)")
      }
      // A length that is wrong asks for no more than there is.
      var bytes = try fixture.bytes("\(id)/chunks/000001")
      bytes.replaceSubrange(8..<18, with: [UInt8](repeating: 0xFF, count: 9) + [1])
      try Data(bytes).write(to: URL(fileURLWithPath: "\(fixture.bucket)/\(id)/chunks/000001"))
      let damaged = fixture.run("chunk", "decode", "\(id)/chunks/000001@8")
      #expect(damaged.status == .damaged)
      #expect(damaged.output.contains("claims 18446744073709551615 bytes of data, only"))
    }
  }

  @Test func `of a remote segment only the record is read`() throws {
    try withTemporaryDirectory { directory in
      // Two records of two hundred thousand bytes that are no chunks, as they come out of hex.
      let id = BlockID.make(now: 1)
      let record = [0xC0, 0x9A, 0x0C, 1] + [UInt8](repeating: 0, count: 200_000) + [1, 2, 3, 4]
      let segment = "\(directory)/\(id)/chunks"
      try FileManager.default.createDirectory(
        atPath: segment, withIntermediateDirectories: true)
      try Data(record + record).write(to: URL(fileURLWithPath: segment + "/000001"))
      let bucket = try RemoteBucket(directory: directory)
      let source = try BucketChunk(bucket: bucket).source(
        "\(id)/chunks/000001@\(record.count)", nil)
      #expect(source.payload.count == 200_000 && source.record?.offset == record.count)
      #expect(source.record?.storedChecksum == 0x0102_0304)
      let first = try BucketChunk(bucket: bucket).source("\(id)/chunks/000001@0", nil)
      #expect(first.payload == source.payload)
      #expect(bucket.reads.map(\.byteCount).max() == 200_000 + 15)
    }
  }

  @Test func `a damaged chunk is decoded as far as it goes`() throws {
    try withBlock { block in
      let path = block + "/chunks/000001"
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
      var random = SeededRandom(seed: 3)
      for _ in 0..<300 {
        var copy = bytes
        copy[Int.random(in: 8..<copy.count, using: &random)] ^= UInt8.random(
          in: 1...255, using: &random)
        if Bool.random(using: &random) {
          copy.removeLast(Int.random(in: 0..<copy.count - 8, using: &random))
        }
        try Data(copy).write(to: URL(fileURLWithPath: path))
        #expect(ToolRun("chunk", "decode", "\(path)@8").status != .clean)
      }
    }
  }

  @Test(arguments: [
    ["xyz"], ["123"], ["/does/not/exist@8"], ["file@x"], ["/etc/passwd@-1"], ["80"],
    ["--encoding", "300", "00"],
  ])
  func `what names no chunk is refused`(arguments: [String]) {
    let run = ToolRun(["chunk", "decode"] + arguments)
    #expect(run.status == .failed)
    #expect(run.output.isEmpty)
  }

  @Test func `index-headers are those of Thanos byte for byte`() throws {
    let headers = try Golden.unpacked("store/index-headers.tar.gz")
    let bucket = try Golden.unpacked("store/bucket.tar.gz")
    try withTemporaryDirectory { directory in
      for row in try Golden.jsonLines("store/index-headers.jsonl") {
        let id = try #require(row["block"].string)
        let indexes = try runProcess("find", [bucket, "-path", "*\(id)/index"])
        let index = try #require(indexes.outputText.split(separator: "\n").first)
        let run = ToolRun("index-header", String(index), "-o", directory + "/header")
        #expect(run.status == .clean, "\(id) \(run.remarks)")
        #expect(
          try Data(contentsOf: URL(fileURLWithPath: directory + "/header"))
            == Data(contentsOf: URL(fileURLWithPath: "\(headers)/\(id)/index-header")))
      }
    }
  }
}
