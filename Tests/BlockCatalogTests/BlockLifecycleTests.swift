import Foundation
import ObjectStore
import Synchronization
import TSDBBlock
import TestSupport
import Testing

@testable import BlockCatalog

struct BlockLifecycleTests {
  @Test func `a block is deleted meta first and mark last`() async throws {
    let bucket = RecordingBucket()
    let id = BlockID.make(now: 1)
    for file in ["chunks/000001", "deletion-mark.json", "index", "meta.json", "notes.txt"] {
      try await bucket.write([1], to: id.object(file))
    }
    let other = try ObjectName("01HRHZ2KZ8H174NHP7YJ73AGKH/meta.json")
    try await bucket.write([1], to: other)
    try await BlockDeletion.delete(id, from: bucket)
    let deleted = bucket.deleted.map { String($0.text.dropFirst(27)) }
    #expect(deleted.first == "meta.json")
    #expect(deleted.last == "deletion-mark.json")
    #expect(deleted.count == 5)
    #expect(try await bucket.list(nil, recursive: true).map(\.name) == [other])
  }

  @Test func `an existing mark stays as it is`() async throws {
    let bucket = MemoryBucket()
    let id = BlockID.make(now: 1)
    try await bucket.write([1], to: id.object("meta.json"))
    let first = DeletionMark(id: id, details: "first", time: 5)
    #expect(try await BlockMarking.write(first, of: id, in: bucket))
    #expect(
      try await !BlockMarking.write(
        DeletionMark(id: id, details: "second", time: 6), of: id, in: bucket))
    #expect(
      try await DeletionMark(json: bucket.read(id.object("deletion-mark.json"))) == first)
  }

  @Test func `a block that is gone is not marked`() async throws {
    let bucket = MemoryBucket()
    let id = BlockID.make(now: 1)
    #expect(try await !BlockMarking.write(DeletionMark(id: id, time: 5), of: id, in: bucket))
    #expect(try await bucket.list(nil, recursive: true).isEmpty)
  }

  @Test func `a block is published with its list of files`() async throws {
    let directory = try makeTemporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let upload = try upload(from: directory)
    let bucket = RecordingBucket()
    let meta = try await upload.run(to: bucket, now: 1_709_204_400_120)
    let names = bucket.written.map { String($0.text.dropFirst(27)) }
    #expect(names == ["chunks/000001", "index", "meta.json"])
    #expect(meta.thanos?.segmentFiles == ["000001"])
    #expect(meta.thanos?.files.map(\.path) == ["chunks/000001", "index", "meta.json"])
    #expect(meta.thanos?.files.map(\.size) == [3, 2, 0])
    #expect(meta.thanos?.uploadTime.description == "2024-02-29T11:00:00.12Z")
    #expect(try await BlockMeta(json: bucket.read(meta.id.object("meta.json"))) == meta)
  }

  @Test func `a block whose files have other sizes is not published`() async throws {
    let directory = try makeTemporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var upload = try upload(from: directory)
    upload.files[1].size = 7
    let bucket = MemoryBucket()
    await #expect(
      throws: BlockUploadError.sizeDiffers(upload.meta.id, file: "index", expected: 7, actual: 2)
    ) { try await upload.run(to: bucket, now: 0) }
    #expect(try await !bucket.exists(upload.meta.id.object("meta.json")))
  }

  @Test func `a block without external labels is not published`() async throws {
    let directory = try makeTemporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var upload = try upload(from: directory)
    upload.meta.thanos?.labels = []
    let bucket = MemoryBucket()
    await #expect(throws: BlockUploadError.noExternalLabels(upload.meta.id)) {
      try await upload.run(to: bucket, now: 0)
    }
    #expect(try await bucket.list(nil, recursive: true).isEmpty)
  }

  private func upload(from directory: String) throws -> BlockUpload {
    try FileManager.default.createDirectory(
      atPath: directory + "/chunks", withIntermediateDirectories: true)
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: directory + "/chunks/000001"))
    try Data([4, 5]).write(to: URL(fileURLWithPath: directory + "/index"))
    var meta = BlockMeta(id: BlockID.make(now: 1), minTime: 0, maxTime: 1, thanos: ThanosMeta())
    meta.thanos?.labels = [.init(name: [0x61], value: [0x62])]
    return BlockUpload(
      directory: directory, meta: meta, files: [("chunks/000001", 3), ("index", 2)])
  }
}

/// Remembers the order of writes and deletions.
final class RecordingBucket: ForwardingBucket {
  let base: any Bucket = MemoryBucket()
  private let log = Mutex<(written: [ObjectName], deleted: [ObjectName])>(([], []))

  var written: [ObjectName] { log.withLock { $0.written } }
  var deleted: [ObjectName] { log.withLock { $0.deleted } }
  func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    log.withLock { $0.written.append(name) }
    try await base.write(bytes, to: name)
  }

  func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    log.withLock { $0.written.append(name) }
    try await base.create(bytes, at: name)
  }

  func upload(file path: String, to name: ObjectName) async throws(BucketError) {
    log.withLock { $0.written.append(name) }
    try await base.upload(file: path, to: name)
  }

  func delete(_ name: ObjectName) async throws(BucketError) {
    log.withLock { $0.deleted.append(name) }
    try await base.delete(name)
  }

  func localPath(_ name: ObjectName) -> String? { nil }
}
