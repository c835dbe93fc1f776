import Foundation
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import BlockCatalog

final class BlockDownloadTests {
  private let directory: String
  private let base = MemoryBucket(now: { 1_700_000_000_000 })
  private let bucket: RemoteBucket
  private let id = BlockID.make(now: 1)

  private var target: String { directory + "/copy" }

  init() throws {
    directory = try makeTemporaryDirectory()
    bucket = RemoteBucket(base)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Three chunk files and an index.
  private func upload(_ hash: HashFunction, concurrency: Int = 1) async throws -> BlockMeta {
    let source = directory + "/source"
    try FileManager.default.createDirectory(
      atPath: source + "/chunks", withIntermediateDirectories: true)
    var files: [(path: String, size: Int)] = []
    for (path, size) in [
      ("chunks/000001", 70_000), ("chunks/000002", 1), ("chunks/000003", 0), ("index", 300),
    ] {
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      try Data(bytes).write(to: URL(fileURLWithPath: "\(source)/\(path)"))
      files.append((path, size))
    }
    var meta = BlockMeta(id: id, minTime: 0, maxTime: 1, thanos: ThanosMeta())
    meta.thanos?.labels = [.init(name: [0x61], value: [0x62])]
    var upload = BlockUpload(directory: source, meta: meta, files: files)
    upload.hashFunction = hash
    upload.fileConcurrency = concurrency
    return try await upload.run(to: base, now: 0)
  }

  private func download(concurrency: Int = 1) async throws -> BlockDownload.Report {
    bucket.reset()
    return try await BlockDownload.run(
      id, from: bucket, to: target, fileConcurrency: concurrency)
  }

  private func expectCopy() async throws {
    for object in try await base.list(id.directory(), recursive: true) {
      let path = object.name.text.dropFirst(27)
      #expect(
        FileManager.default.contents(atPath: "\(target)/\(path)")
          == Data(try await base.read(object.name)), "\(path)")
    }
    let names = try FileManager.default.subpathsOfDirectory(atPath: target).sorted()
    #expect(
      names == [
        "chunks", "chunks/000001", "chunks/000002", "chunks/000003", "index", "meta.json",
      ])
  }

  private func fetched() -> [String] {
    Set(bucket.reads.map { String($0.name.dropFirst(27)) }).sorted()
  }

  @Test(arguments: [1, 3]) func `hashes in meta json are those of the files`(
    concurrency: Int
  ) async throws {
    let meta = try await upload(.sha256, concurrency: concurrency)
    let files = try #require(meta.thanos?.files)
    #expect(
      files.map(\.path)
        == ["chunks/000001", "chunks/000002", "chunks/000003", "index", "meta.json"])
    for file in files.dropLast() {
      let sum = try runProcess("sha256sum", ["\(directory)/source/\(file.path)"]).requireSuccess()
      #expect(file.hash?.function == "SHA256")
      #expect(file.hash?.value == String(sum.outputText.prefix(64)))
    }
    #expect(files.last?.hash == nil)
    #expect(try await upload(.none).thanos?.files.allSatisfy { $0.hash == nil } == true)
  }

  @Test(arguments: HashFunction.allCases)
  func `what is there is not fetched again`(hash: HashFunction) async throws {
    _ = try await upload(hash)
    #expect(try await download() == BlockDownload.Report(fetched: 4, kept: 0))
    try await expectCopy()
    #expect(try await download() == BlockDownload.Report(fetched: 0, kept: 4))
    #expect(fetched() == ["meta.json"])
    try FileManager.default.removeItem(atPath: target + "/chunks/000001")
    #expect(try await download() == BlockDownload.Report(fetched: 1, kept: 3))
    #expect(fetched() == ["chunks/000001", "meta.json"])
    try await expectCopy()
  }

  @Test func `a file of the right hash is kept whatever its time`() async throws {
    _ = try await upload(.sha256)
    try FileManager.default.copyItem(atPath: directory + "/source", toPath: target)
    #expect(try await download() == BlockDownload.Report(fetched: 0, kept: 4))
    try await expectCopy()
  }

  @Test func `without a hash a file of another time is fetched again`() async throws {
    _ = try await upload(.none)
    try FileManager.default.copyItem(atPath: directory + "/source", toPath: target)
    #expect(try await download() == BlockDownload.Report(fetched: 4, kept: 0))
  }

  @Test func `a copy that was damaged is fetched again when its hash is known`() async throws {
    _ = try await upload(.sha256)
    _ = try await download()
    let path = target + "/chunks/000001"
    let time = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
    var bytes = try #require(FileManager.default.contents(atPath: path))
    bytes[500] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.modificationDate: time as Any], ofItemAtPath: path)
    #expect(try await download() == BlockDownload.Report(fetched: 1, kept: 3))
    try await expectCopy()
  }

  @Test func `what a killed download left, and what is no part of the block, goes`() async throws {
    _ = try await upload(.none)
    _ = try await download()
    for name in ["chunks/000004.part", "tombstones", "chunks/000009"] {
      try Data([1]).write(to: URL(fileURLWithPath: "\(target)/\(name)"))
    }
    _ = try await download()
    try await expectCopy()
  }

  @Test func `a download that was interrupted goes on with the files that are missing`()
    async throws
  {
    _ = try await upload(.none)
    var faults = RemoteBucket.Faults()
    faults.failsAfter = 3
    bucket.set(faults)
    await #expect(throws: BlockDownloadError.self) { try await self.download() }
    bucket.set(RemoteBucket.Faults())
    let report = try await download()
    #expect(report.keptFiles > 0)
    #expect(report.keptFiles + report.fetchedFiles == 4)
    try await expectCopy()
  }

  @Test func `bytes that are not the uploader's are no copy`() async throws {
    let meta = try await upload(.sha256)
    let name = try id.object("index")
    let good = try await base.read(name)
    try await base.write(Array(repeating: 9, count: good.count), to: name)
    let error = await #expect(throws: BlockDownloadError.self) { try await self.download() }
    guard case .hashDiffers(name, let expected, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(expected == meta.thanos?.files.first { $0.path == "index" }?.hash?.value)
    #expect(!FileManager.default.fileExists(atPath: target + "/index"))
    // A flip on the way is made good.
    try await base.write(good, to: name)
    var faults = RemoteBucket.Faults()
    faults.nextShifts = 1
    bucket.set(faults)
    _ = try await download()
    try await expectCopy()
  }

  @Test func `as many files as asked for are fetched at once`() async throws {
    _ = try await upload(.none)
    for concurrency in [1, 3] {
      // The third chunk file is empty: nothing is read of it.
      let slow = RemoteBucket(base)
      slow.gathering.wait(for: concurrency)
      try await BlockDownload.run(
        id, from: slow, to: "\(target)-\(concurrency)", fileConcurrency: concurrency)
      #expect(slow.gathering.most == concurrency)
    }
  }

  @Test func `an upload that goes on leaves out what is there`() async throws {
    let meta = try await upload(.none)
    try await base.delete(id.object("index"))
    try await base.delete(id.object("meta.json"))
    let recording = RemoteBucket(base)
    var upload = BlockUpload(
      directory: directory + "/source", meta: meta,
      files: [
        ("chunks/000001", 70_000), ("chunks/000002", 1), ("chunks/000003", 0), ("index", 300),
      ])
    upload.resumes = true
    upload.hashFunction = .sha256
    let published = try await upload.run(to: recording, now: 0)
    #expect(recording.count(.upload) == 2)
    #expect(published.thanos?.files.dropLast().allSatisfy { $0.hash != nil } == true)
  }

}

extension BlockDownload.Report {
  fileprivate init(fetched: Int, kept: Int) {
    self.init()
    fetchedFiles = fetched
    keptFiles = kept
  }
}
