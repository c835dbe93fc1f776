import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import RemoteBlocks

/// Blocks that are damaged in the bucket, where no second try helps.
@Suite struct DamageTests {
  /// A golden block in memory, with one bit of a file flipped.
  private func fixture(
    _ golden: GoldenBlock, flipping file: String, at offset: Int,
    retries: RetryPolicy = RemoteFixture.quickRetries
  ) async throws -> RemoteFixture {
    let memory = MemoryBucket()
    let directory = try GoldenBlock.directory()
    let source = try FilesystemBucket(directory: directory)
    for object in try await source.list(ObjectName("\(golden.id)"), recursive: true) {
      var bytes = try await source.read(object.name)
      if object.name.text == "\(golden.id)/\(file)" { bytes[offset] ^= 0x10 }
      try await memory.write(bytes, to: object.name)
    }
    return RemoteFixture(RemoteBucket(memory), cached: true, retries: retries)
  }

  private func golden() throws -> GoldenBlock { try #require(try GoldenBlock.all().first) }

  @Test(
    "a damaged list is an error every time, and the bucket is not asked each time for a new index")
  func list() async throws {
    let golden = try golden()
    let range = try #require(try golden.reader.index.postingsOffsets.listRange(name: [], value: []))
    let fixture = try await fixture(
      golden, flipping: "index", at: range.lowerBound + 6,
      retries: RetryPolicy(maxDelay: .seconds(3600)))
    let block = fixture.block(golden.id, golden.reader.meta)
    for _ in 0..<5 {
      let error = await #expect(throws: RemoteBlockError.self) {
        try await block.select([], budget: FreeFetching(), tenant: "t")
      }
      guard case .damaged(let damage) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(damage.code == .checksumMismatch)
      #expect(damage.offset == range.lowerBound)
    }
    #expect(fixture.bucket.count(.attributes) == 2)
  }

  @Test("a damaged series entry is an error of its own, and not kept in the cache")
  func series() async throws {
    let golden = try golden()
    let ids = Array(try golden.reader.index.allPostings().prefix(30))
    let bad = ids[11]
    let fixture = try await fixture(
      golden, flipping: "index", at: golden.reader.index.seriesOffset(bad) + 3)
    let block = fixture.block(golden.id, golden.reader.meta)
    for _ in 0..<2 {
      let parts = try await block.seriesParts(ids, budget: FreeFetching(), tenant: "t")
      try expectSeries(ids.filter { $0 != bad }, in: parts, of: golden.reader.index)
      #expect(throws: BlockError.self) {
        try expectSeries([bad], in: parts, of: golden.reader.index)
      }
    }
    #expect(fixture.cache?.count == ids.count - 1)
  }

  @Test("a damaged length of a series entry or chunk takes nothing else with it", arguments: 0..<8)
  func lengths(bit: Int) async throws {
    let golden = try golden()
    let index = golden.reader.index
    let ids = Array(try index.allPostings().prefix(12))
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    for id in ids { try index.appendSeries(id, labels: &labels, chunks: &chunks) }
    let bad = try #require(chunks.first { $0.location.segment == 0 }).location
    let directory = "\(try GoldenBlock.directory())/\(golden.id)"
    let name = try #require(golden.reader.chunks.segments.first?.path)
    let memory = MemoryBucket()
    for path in ["index", name] {
      var bytes = try readFile("\(directory)/\(path)")
      bytes[path == "index" ? index.seriesOffset(ids[3]) : bad.offset] ^= 1 << UInt8(bit)
      try await memory.write(bytes, to: ObjectName("\(golden.id)/\(path)"))
    }
    let fixture = RemoteFixture(RemoteBucket(memory))
    let block = RemoteBlock(
      id: golden.id, meta: golden.reader.meta, segmentNames: [String(name.dropFirst(7))],
      resources: fixture.resources)
    let parts = try await block.seriesParts(ids, budget: FreeFetching(), tenant: "t")
    try expectSeries(ids.filter { $0 != ids[3] }, in: parts, of: index)
    #expect(throws: BlockError.self) { try expectSeries([ids[3]], in: parts, of: index) }
    let wanted = chunks.map(\.location).filter { $0.segment == 0 }
    let segments = try await block.chunkParts(wanted, budget: FreeFetching(), tenant: "t")
    try expectChunks(wanted.filter { $0 != bad }, in: segments, of: golden.reader.chunks)
    #expect(throws: BlockError.self) {
      try expectChunks([bad], in: segments, of: golden.reader.chunks)
    }
  }
}
