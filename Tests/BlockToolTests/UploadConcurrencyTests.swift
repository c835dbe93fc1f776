internal import Console
internal import Foundation
internal import ObjectStore
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

/// Notes how many uploads are under way at once, and in what order objects appear.
private final class UploadRecorder: ForwardingBucket {
  let uploads: Gathering
  let names = Locked<[String]>([])
  let base: any Bucket

  init(_ base: any Bucket, gathering count: Int) {
    self.base = base
    uploads = Gathering(count)
  }

  func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    try await base.write(bytes, to: name)
    note(name)
  }

  func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    try await base.create(bytes, at: name)
    note(name)
  }

  func upload(file path: String, to name: ObjectName) async throws(BucketError) {
    await uploads.enter()
    defer { uploads.leave() }
    try await base.upload(file: path, to: name)
    note(name)
  }

  func localPath(_ name: ObjectName) -> String? { nil }

  private func note(_ name: ObjectName) { names.withLock { $0.append(name.text) } }
}

@Suite struct `Concurrency of uploads` {
  /// A block of six segments.
  private func block(in directory: String) throws -> BlockID {
    let id = BlockID.make(now: 1)
    let writer = try BlockWriter(directory: "\(directory)/\(id)", segmentByteCountLimit: 100)
    let labels = (0..<6).map { LabelSet(["__name__": "up", "job": "j\($0)"]) }
    let ordinals = try writer.addSymbols(of: labels)
    for one in labels {
      var columns = SampleColumns()
      for time in 0..<100 as Range<Int64> {
        columns.append(timestamp: time * 1000, valueBits: Double(time * time).bitPattern)
      }
      try writer.addSeries(one, ordinals, columns)
    }
    var meta = BlockMeta(id: id, minTime: 0, maxTime: 100_000)
    meta.stats = writer.stats
    meta.compaction.sources = [id]
    try writer.publish(meta)
    return id
  }

  @Test(arguments: [1, 3])
  func `so many segments are sent at once, and meta.json last`(concurrency: Int) throws {
    try withTemporaryDirectory { directory in
      let id = try block(in: directory)
      let bucket = UploadRecorder(MemoryBucket(), gathering: concurrency)
      var remarks: [String] = []
      var context = ToolContext(
        output: Output(), terminal: Terminal(width: nil), remark: { remarks.append($0) })
      context.openBucket = { _ in bucket }
      let status = BlockTool.run(
        [
          "tools", "bucket", "upload-blocks", "--objstore.config", "x", "--path", directory,
          "--label", "cluster=\"a\"", "--shipper.upload-concurrency=\(concurrency)",
        ], context)
      #expect(status == .clean, "\(remarks)")
      #expect(bucket.uploads.most == concurrency)
      let names = bucket.names.withLock { $0 }
      #expect(
        names.dropLast(2).sorted() == (1...6).map { "\(id)/chunks/00000\($0)" })
      #expect(names.suffix(2) == ["\(id)/index", "\(id)/meta.json"])
    }
  }

  @Test func `less than one is refused`() throws {
    let run = ToolRun(
      "bucket", "upload", "--objstore.config", "x", "--shipper.upload-concurrency", "0")
    #expect(run.status == .failed)
    #expect(run.remarks.first?.contains("must be at least 1") == true)
  }
}
