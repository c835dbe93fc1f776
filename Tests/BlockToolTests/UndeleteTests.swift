internal import Buckets
internal import Foundation
internal import ObjectStore
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

/// Blocks of a store that keeps versions, and command lines over it.
private struct VersionedFixture {
  let local: BucketFixture
  let server: S3Server
  let configuration: String
  let bucket: any Bucket
  let store: String

  func run(_ arguments: String...) async -> ToolRun {
    await ToolRun.onThread(arguments + ["--objstore.config", configuration])
  }

  func name(_ id: BlockID, _ path: String) throws -> ObjectName { try ObjectName("\(id)/\(path)") }

  /// Uploads a block, whose objects are known then.
  func upload(_ number: Int) async throws -> (id: BlockID, objects: [ObjectName: [UInt8]]) {
    let id = try local.add(number, in: local.directory + "/data")
    let run = await run("bucket", "upload", "\(local.directory)/data/\(id)")
    #expect(run.status == .clean, "\(run.remarks)")
    return (id, try await objects(of: id))
  }

  func objects(of id: BlockID) async throws -> [ObjectName: [UInt8]] {
    var objects: [ObjectName: [UInt8]] = [:]
    for object in try await bucket.list(ObjectName("\(id)"), recursive: true) {
      objects[object.name] = try await bucket.read(object.name)
    }
    return objects
  }

  /// As compactors do it: meta.json first, a mark last.
  func delete(_ id: BlockID) async throws {
    let objects = try await bucket.list(ObjectName("\(id)"), recursive: true).map(\.name)
    let rank = ["meta.json": 0, "deletion-mark.json": 2]
    for object in objects.sorted(by: {
      rank[String($0.lastComponent), default: 1] < rank[String($1.lastComponent), default: 1]
    }) {
      try await bucket.delete(object)
    }
    #expect(try await bucket.list(ObjectName("\(id)"), recursive: true).isEmpty)
  }

  static func with(
    _ kind: S3Server.Kind, keepsVersions: Bool = true,
    _ body: (VersionedFixture) async throws -> Void
  ) async throws {
    try await withTemporaryDirectory { directory in
      let server = try await S3Server.shared(kind)
      let store = try await server.newBucket()
      if keepsVersions { try await server.setVersioning(of: store) }
      let configuration = try await server.configuration(bucket: store) + "prefix: p\n"
      try await body(
        VersionedFixture(
          local: BucketFixture(directory: directory), server: server, configuration: configuration,
          bucket: try BucketConfiguration.parse(yaml: configuration).makeBucket(), store: store))
    }
  }
}

@Suite struct `Undeleting blocks of a store with versions` {
  @Test(arguments: [S3Server.Kind.moto, .seaweedfs])
  func `a block that a compactor deleted comes back as it was, without its mark`(
    kind: S3Server.Kind
  ) async throws {
    try await VersionedFixture.with(kind) { fixture in
      let (id, objects) = try await fixture.upload(0)
      let mark = DeletionMark(id: id, details: "test", time: currentMilliseconds() / 1000 - 200_000)
      try await fixture.bucket.write(
        mark.jsonBytes(), to: try fixture.name(id, DeletionMark.fileName))
      let cleanup = await fixture.run("bucket", "cleanup", "--consistency-delay", "0s")
      #expect(cleanup.lines.last == "1 block deleted", "\(cleanup.remarks) \(cleanup.output)")
      #expect(await fixture.run("bucket", "ls").lines.isEmpty)

      let dry = await fixture.run("bucket", "undelete", "--id", "\(id)", "--dry-run")
      #expect(dry.status == .clean, "\(dry.remarks)")
      #expect(dry.lines.count == 1 && dry.output.contains("would be restored, 3 objects"))
      #expect(try await fixture.objects(of: id).isEmpty)

      let run = await fixture.run("bucket", "undelete", "--id", "\(id)", "--output", "json")
      #expect(run.status == .clean, "\(run.remarks)")
      let answer = try JSONValue(parsing: Array(run.output.utf8))
      #expect(answer["ulid"].string == "\(id)" && answer["result"].string == "restored")
      #expect(try await fixture.objects(of: id) == objects)
      #expect(await fixture.run("verify", "\(id)").status == .clean)
      let again = await fixture.run("bucket", "undelete", "--id", "\(id)")
      #expect(again.lines == ["\(id)  deletion-mark.json  was not marked"])
    }
  }

  @Test(arguments: [S3Server.Kind.moto, .seaweedfs])
  func `a block deleted twice comes back as it was the last time`(
    kind: S3Server.Kind
  ) async throws {
    try await VersionedFixture.with(kind) { fixture in
      let (id, first) = try await fixture.upload(0)
      try await fixture.delete(id)
      try await Task.sleep(for: .seconds(1.1))
      // The same block, uploaded at another time.
      let directory = fixture.local.directory + "/data/\(id)"
      #expect(await fixture.run("bucket", "upload", directory).status == .clean)
      let second = try await fixture.objects(of: id)
      #expect(second != first)
      try await fixture.delete(id)
      #expect(await fixture.run("bucket", "undelete", "--id", "\(id)").status == .clean)
      #expect(try await fixture.objects(of: id) == second)
    }
  }

  @Test func `all finds blocks that are marked, deleted in part, and deleted`() async throws {
    try await VersionedFixture.with(.moto) { fixture in
      let marked = try await fixture.upload(0)
      let partial = try await fixture.upload(1)
      let deleted = try await fixture.upload(2)
      let whole = try await fixture.upload(3)
      for id in [marked.id, partial.id] {
        #expect(
          await fixture.run(
            "bucket", "mark", "--id", "\(id)", "--marker", "deletion", "--details", "test"
          ).status == .clean)
      }
      #expect(
        await fixture.run(
          "bucket", "mark", "--id", "\(deleted.id)", "--marker", "no-compact", "--details", "test"
        ).status == .clean)
      let kept = try await fixture.objects(of: deleted.id)
      try await fixture.delete(deleted.id)
      for path in ["meta.json", "index"] {
        try await fixture.bucket.delete(try fixture.name(partial.id, path))
      }
      // An upload that is under way is nobody's business.
      let uploading = BlockID.make(now: 1)
      try await fixture.bucket.write([1], to: try fixture.name(uploading, "index"))

      let dry = await fixture.run("bucket", "undelete", "--all", "--dry-run")
      #expect(dry.status == .clean, "\(dry.remarks)")
      let run = await fixture.run("bucket", "undelete", "--all")
      #expect(run.status == .clean, "\(run.remarks)")
      let expected = [
        "\(marked.id)  deletion-mark.json  mark removed", "\(partial.id)  restored, 2 objects",
        "\(deleted.id)  restored, 4 objects",
      ]
      #expect(run.lines.count == 3 && zip(run.lines, expected).allSatisfy { $0.hasPrefix($1) })
      #expect(
        dry.output
          == run.output.replacing("mark removed", with: "mark would be removed")
          .replacing("restored", with: "would be restored"))
      #expect(try await fixture.objects(of: marked.id) == marked.objects)
      #expect(try await fixture.objects(of: partial.id) == partial.objects)
      // The mark that kept compactors away went with the block, so it comes back with it.
      #expect(try await fixture.objects(of: deleted.id) == kept)
      #expect(try await fixture.objects(of: whole.id) == whole.objects)
      #expect(try await fixture.objects(of: uploading).count == 1)
      #expect(await fixture.run("bucket", "undelete", "--all").lines.isEmpty)
    }
  }

  @Test func `a mark that was taken away before the deletion stays away`() async throws {
    try await VersionedFixture.with(.moto) { fixture in
      let (id, objects) = try await fixture.upload(0)
      let mark = ["bucket", "mark", "--id", "\(id)", "--marker", "no-compact"]
      for more in [["--details", "test"], ["--remove"]] {
        #expect(
          await ToolRun.onThread(mark + more + ["--objstore.config", fixture.configuration]).status
            == .clean)
      }
      try await Task.sleep(for: .seconds(1.1))
      try await fixture.delete(id)
      #expect(await fixture.run("bucket", "undelete", "--id", "\(id)").status == .clean)
      #expect(try await fixture.objects(of: id) == objects)
    }
  }

  @Test func `a file that somebody deleted from a block comes back`() async throws {
    try await VersionedFixture.with(.moto) { fixture in
      let (id, objects) = try await fixture.upload(0)
      try await fixture.bucket.delete(try fixture.name(id, "chunks/000001"))
      let run = await fixture.run("bucket", "undelete", "--id", "\(id)")
      #expect(run.output.contains("restored, 1 object,"))
      #expect(try await fixture.objects(of: id) == objects)
    }
  }

  @Test func `a block that would not be whole is left alone`() async throws {
    try await VersionedFixture.with(.moto) { fixture in
      let changed = try await fixture.upload(0)
      try await fixture.bucket.write([1], to: try fixture.name(changed.id, "index"))
      try await fixture.delete(changed.id)
      let first = await fixture.run("bucket", "undelete", "--id", "\(changed.id)")
      #expect(first.status == .failed)
      #expect(first.remarks.first?.contains("index has 1 bytes, meta.json says") == true)

      let (wrong, never) = (BlockID.make(now: 1), BlockID.make(now: 2))
      var meta = BlockMeta(id: wrong, minTime: 0, maxTime: 1)
      meta.thanos = ThanosMeta()
      for (path, complaint) in [
        ("index", "keeps no version of \(wrong)/index"), ("../../x", "lists the file \"../../x\""),
      ] {
        meta.thanos?.files = [ThanosMeta.File(path: path, size: 1)]
        let name = try fixture.name(wrong, "meta.json")
        try await fixture.bucket.write(meta.jsonBytes(), to: name)
        try await fixture.bucket.delete(name)
        let run = await fixture.run("bucket", "undelete", "--id", "\(wrong)")
        #expect(run.status == .failed)
        #expect(run.remarks.first?.contains(complaint) == true, "\(run.remarks)")
        try await Task.sleep(for: .seconds(1.1))
      }
      let last = await fixture.run("bucket", "undelete", "--id", "\(never)")
      #expect(last.status == .failed)
      #expect(last.remarks.first?.contains("keeps no older version of it") == true)
      for id in [changed.id, wrong] { #expect(try await fixture.objects(of: id).isEmpty) }
    }
  }

  @Test func `without versions one line says that nothing can be brought back`() async throws {
    try await VersionedFixture.with(.moto, keepsVersions: false) { fixture in
      let (id, _) = try await fixture.upload(0)
      try await fixture.delete(id)
      let run = await fixture.run("bucket", "undelete", "--id", "\(id)")
      #expect(run.status == .failed)
      #expect(
        run.remarks == [
          "blocktool: block \(id) has no meta.json, and the store keeps no older version of it"
        ])
      #expect(await fixture.run("bucket", "undelete", "--all").status == .clean)
    }
  }
}
