import Buckets
import Foundation
import ObjectStore
import TestSupport
import Testing

/// Blocks in a store that speaks S3: uploaded, compacted, downsampled, served.
@Suite(.serialized) struct S3PipelineTests {
  /// What a directory of blocks became after compaction and downsampling.
  private static let compacted = Task { () async throws -> [String: [Data]] in
    try await withTemporaryDirectory { directory in
      let bucket = directory + "/bucket"
      try DemoBlocks.long.get().copy(to: bucket)
      let yaml = "{type: FILESYSTEM, config: {directory: \(bucket)}}"
      try await compactFully(yaml, work: directory + "/work")
      return try contents(of: bucket)
    }
  }

  /// Runs until nothing is left to do: what one run marks, the next one deletes.
  private static func compactFully(_ yaml: String, work: String) async throws {
    for _ in 0..<2 {
      let program = try RunningProgram(
        "compact",
        [
          "compact", "--data-dir=\(work)", "--consistency-delay=0s", "--delete-delay=0s",
          "--objstore.config=\(yaml)", "--http-address=127.0.0.1:0",
        ])
      let status = await program.waitForExit()
      try #require(status == 0, "\(program.errors)")
    }
  }

  /// Index and segments of the blocks in a directory, by what they cover.
  private static func contents(of directory: String) throws -> [String: [Data]] {
    var found: [String: [Data]] = [:]
    for block in try liveBlocks(in: directory) {
      let path = "\(directory)/\(block)"
      let meta = try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: path + "/meta.json")))
      let values = try #require(meta as? [String: Any])
      let thanos = try #require(values["thanos"] as? [String: Any])
      let resolution = (thanos["downsample"] as? [String: Any])?["resolution"] ?? 0
      let key = "\(values["minTime"] ?? "")…\(values["maxTime"] ?? "") at \(resolution)"
      let segments = try FileManager.default.contentsOfDirectory(atPath: path + "/chunks").sorted()
      found[key] = try (["index"] + segments.map { "chunks/\($0)" })
        .map { try Data(contentsOf: URL(fileURLWithPath: "\(path)/\($0)")) }
    }
    return found
  }

  private func upload(_ directory: String, to bucket: any Bucket) async throws {
    for block in try liveBlocks(in: directory) {
      let path = "\(directory)/\(block)"
      for file in try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
      where !file.hasSuffix("chunks") {
        try await bucket.upload(file: "\(path)/\(file)", to: ObjectName("\(block)/\(file)"))
      }
    }
  }

  private func download(_ bucket: any Bucket, to directory: String) async throws {
    for object in try await bucket.list(nil, recursive: true) {
      let path = "\(directory)/\(object.name)"
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      _ = try await bucket.download(object.name, to: path)
    }
  }

  /// Everything from the first upload to the last answer, in one bucket.
  private func expectPipeline(_ yaml: String, _ directory: String) async throws {
    let blocks = try DemoBlocks.long.get()
    let bucket = try BucketConfiguration.parse(yaml: yaml).makeBucket()
    try await upload(blocks.directory, to: bucket)
    try await Self.compactFully(yaml, work: directory + "/work")
    try await download(bucket, to: directory + "/copy")
    let result = try Self.contents(of: directory + "/copy")
    let expected = try await Self.compacted.value
    #expect(expected.keys.contains { $0.hasSuffix("at 300000") })
    #expect(Set(result.keys) == Set(expected.keys))
    #expect(result == expected)
    let gateway = try await Gateway.start(
      directory, bucket: yaml, dataDirectory: directory + "/gateway")
    let answer = try await gateway.client.series(["__name__=~.+"])
    #expect(answer.warnings == [])
    #expect(
      answer.samples == blocks.samples.filtered(adding: DemoBlocks.externalLabels) { _ in true })
    let one = try await gateway.client.series(["pod=web-1"])
    #expect(
      one.samples
        == blocks.samples.filtered(adding: DemoBlocks.externalLabels) { $0["pod"] == "web-1" })
    #expect(await gateway.stop() == 0)
    for text in [gateway.program.errors, gateway.program.output] {
      #expect(!text.contains(S3Server.secretKey))
    }
  }

  @Test(arguments: [S3Server.Kind.seaweedfs, .moto])
  func `blocks come out of S3 as out of a directory`(kind: S3Server.Kind) async throws {
    try await withTemporaryDirectory { directory in
      let yaml = try await S3Server.shared(kind).configuration()
      try await expectPipeline(yaml, directory)
    }
  }

  @Test func `so they do when connections are cut at random`() async throws {
    try await withTemporaryDirectory { directory in
      let server = try await S3Server.shared(.seaweedfs)
      let proxy = try TCPProxy(to: server.port, cutting: 0.25, seed: 20_260_301)
      try await expectPipeline(server.configuration(port: proxy.port), directory)
      #expect(proxy.cuts > 0)
    }
  }

  // MARK: Requests

  private func withCountedGateway(
    _ flags: [String], _ body: (Gateway, TCPProxy, Int) async throws -> Void
  ) async throws {
    try await withTemporaryDirectory { directory in
      let server = try await S3Server.shared(.seaweedfs)
      let proxy = try TCPProxy(to: server.port)
      let name = try await server.newBucket()
      let direct = try BucketConfiguration.parse(
        yaml: await server.configuration(bucket: name)
      ).makeBucket()
      let blocks = try DemoBlocks.large.get()
      try await upload(blocks.directory, to: direct)
      let gateway = try await Gateway.start(
        directory, bucket: server.configuration(bucket: name, port: proxy.port),
        dataDirectory: directory + "/gateway", flags: flags)
      try await body(gateway, proxy, try liveBlocks(in: blocks.directory).count)
      #expect(await gateway.stop() == 0)
    }
  }

  @Test func `an index-header costs a look and four reads, and an unchanged bucket one page`()
    async throws
  {
    try await withCountedGateway([
      "--block-discovery-strategy=recursive", "--sync-block-duration=1s",
    ]) { gateway, proxy, count in
      let begin = proxy.requests
      #expect(begin.count { $0.hasPrefix("HEAD ") && $0.hasSuffix("/index") } <= count)
      #expect(begin.count { $0.hasPrefix("GET ") && $0.hasSuffix("/index") } <= 4 * count)
      #expect(begin.count { $0.hasSuffix("/meta.json") } == count)
      proxy.reset()
      func pages() -> Int { proxy.requests.count { $0.contains("list-type=2") } }
      try await gateway.program.wait { pages() >= 3 }
      #expect(proxy.requests.allSatisfy { $0.contains("list-type=2") }, "\(proxy.requests)")
    }
  }

  @Test func `a look at each block costs a page, and no more while nothing changes`() async throws {
    try await withCountedGateway(["--sync-block-duration=1s"]) { gateway, proxy, count in
      proxy.reset()
      func pages() -> Int { proxy.requests.count { $0.contains("list-type=2") } }
      try await gateway.program.wait { pages() >= 2 * (count + 1) }
      #expect(proxy.requests.allSatisfy { $0.contains("list-type=2") }, "\(proxy.requests)")
    }
  }

  @Test func `a query reads postings, series and chunks of each block once`() async throws {
    try await withCountedGateway([]) { gateway, proxy, count in
      // The first query of a block fetches its index-header.
      _ = try await gateway.client.series(["pod=web-190"])
      proxy.reset()
      let answer = try await gateway.client.series(["pod=web-7"])
      #expect(answer.series.count == 2)
      let first = proxy.requests
      // The reference: a range of postings, one of series, one of chunks in each segment.
      #expect(first.count <= 3 * count, "\(first)")
      #expect(first.allSatisfy { $0.hasPrefix("GET ") })
      proxy.reset()
      _ = try await gateway.client.series(["pod=web-7"])
      #expect(proxy.requests.count <= count, "\(proxy.requests)")
      #expect(proxy.requests.allSatisfy { $0.contains("/chunks/") }, "\(proxy.requests)")
    }
  }

  // MARK: Operations

  @Test func `new credentials are taken at a reload, and secrets are shown nowhere`() async throws {
    try await withTemporaryDirectory { directory in
      let server = try await S3Server.shared(.seaweedfs)
      let name = try await server.newBucket()
      let right = try await server.configuration(bucket: name)
      let direct = try BucketConfiguration.parse(yaml: right).makeBucket()
      try await upload(DemoBlocks.small.get().directory, to: direct)
      let path = directory + "/bucket.yml"
      func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      }
      try write(right)
      let (grpcPort, httpPort) = (try freePort(), try freePort())
      let program = try RunningProgram(
        "store-gateway",
        [
          "store", "--data-dir=\(directory)/data", "--objstore.config-file=\(path)",
          "--grpc-address=127.0.0.1:\(grpcPort)", "--http-address=127.0.0.1:\(httpPort)",
          "--log.level=debug",
        ])
      try await program.wait {
        (try? await httpRequest(port: httpPort, "/-/ready").status) == 200
      }
      let client = StoreClient(port: grpcPort)
      func reload() async throws -> Int {
        try await httpRequest(port: httpPort, "/-/reload", method: "POST").status
      }
      try write(await server.configuration(bucket: name, secretKey: "OLD-SECRET"))
      #expect(try await reload() == 200)
      let denied = try await client.series(["pod=web-1"])
      #expect(denied.samples.count == 0)
      #expect(denied.warnings.contains { $0.contains("SignatureDoesNotMatch") })
      try write(right)
      #expect(try await reload() == 200)
      let answer = try await client.series(["pod=web-1"])
      #expect(answer.warnings == [])
      #expect(answer.samples.count > 0)
      let flags = try await httpRequest(port: httpPort, "/api/v1/status/flags").body
      program.send(signal: SIGTERM)
      #expect(await program.waitForExit() == 0)
      for text in [program.errors, program.output, flags] + denied.warnings {
        #expect(!text.contains("OLD-SECRET") && !text.contains(S3Server.secretKey))
      }
    }
  }
}
