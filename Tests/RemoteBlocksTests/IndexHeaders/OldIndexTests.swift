import Foundation
import IndexCache
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import RemoteBlocks

/// A block of index version 1 out of a public repository; skipped where it is missing.
@Suite(.enabled(if: OldIndex.isPresent)) struct OldIndexTests {
  private func remote() async throws -> (RemoteBucket, BlockID) {
    let id = try #require(BlockID("01BX5ZZKBKACTAV9WEVGEMMVRZ"))
    let memory = MemoryBucket()
    try await memory.write(
      readFile(OldIndex.directory + "/index"), to: ObjectName("\(id)/index"))
    return (RemoteBucket(memory), id)
  }

  @Test("its header has the bytes that were computed independently")
  func header() async throws {
    let (bucket, id) = try await remote()
    let fixture = RemoteFixture(bucket)
    let slice = try await fixture.headers.header(of: id).get().symbols.slice
    let bytes = [UInt8](slice.bytes)
    #expect(bytes.count == 1433)
    #expect(bytes.prefix(16) == [0xBA, 0xAA, 0xD7, 0x92, 1, 1, 0, 0, 0, 0, 0, 0, 0x10, 0xE6, 0, 0])
    #expect(
      bytes.suffix(20) == [
        0, 0, 0, 0, 0, 0, 0, 14, 0, 0, 0, 0, 0, 0, 1, 0x4C, 0xD6, 0xC7, 0x3A, 0x34,
      ]
    )
  }

  @Test("every pair of its labels is found, and unknown ones are not")
  func lists() async throws {
    let (bucket, id) = try await remote()
    let fixture = RemoteFixture(bucket)
    let header = try await fixture.headers.header(of: id).get()
    let index = try IndexReader(ByteSlice(ByteStorage(readFile(OldIndex.directory + "/index"))))
    for name in try index.labelNames() {
      for value in try index.labelValues(of: name) {
        let range = try #require(try header.postingsOffsets.listRange(name: name, value: value))
        let slice = try #require(index.file.slice(range.lowerBound..<range.upperBound + 4))
        let ids = try FetchedPostings(slice, hasChecksum: true, fileOffset: 0).ids
        #expect(try ids == index.postings(name: name, value: value))
      }
      #expect(try header.postingsOffsets.listRange(name: name, value: [0xFF]) == nil)
    }
    #expect(try header.postingsOffsets.listRange(name: [0xFF], value: []) == nil)
  }

  @Test("its series are fetched by byte offsets that nothing aligns")
  func series() async throws {
    let (bucket, id) = try await remote()
    let fixture = RemoteFixture(bucket, cached: true)
    let block = fixture.block(id, BlockMeta(id: id, minTime: 0, maxTime: 1))
    let index = try IndexReader(ByteSlice(ByteStorage(readFile(OldIndex.directory + "/index"))))
    let selection = try await block.select([], budget: FreeFetching(), tenant: "t")
    #expect(try selection.ids == index.allPostings())
    #expect(try await block.seriesAlignment == 1)
    for _ in 0..<2 {
      let parts = try await block.seriesParts(
        selection.ids, budget: FreeFetching(), tenant: "t")
      try expectSeries(selection.ids, in: parts, of: index)
    }
  }
}

enum OldIndex {
  static let directory =
    (ProcessInfo.processInfo.environment["REALWORLD_DIR"]
      ?? Golden.repository + "/../shared/realworld") + "/prometheus/index_format_v1"
  static let isPresent = FileManager.default.fileExists(atPath: directory + "/index")
}
