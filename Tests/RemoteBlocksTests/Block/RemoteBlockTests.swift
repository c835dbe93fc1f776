import Foundation
import ObjectStore
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import RemoteBlocks

/// Remote blocks beside the same blocks mapped.
@Suite struct RemoteBlockTests {
  private func remote(_ faults: RemoteBucket.Faults = .init(), seed: UInt64 = 1) throws
    -> RemoteBucket
  {
    try RemoteBucket(directory: GoldenBlock.directory(), faults: faults, seed: seed)
  }

  /// Chunks of some series, and where they are.
  private func locations(_ ids: [UInt32], _ index: IndexReader) throws -> [ChunkLocation] {
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    for id in ids { try index.appendSeries(id, labels: &labels, chunks: &chunks) }
    return chunks.map(\.location)
  }

  /// Selector, series and chunks of a block, all compared with the mapped twin.
  private func compare(
    _ block: RemoteBlock, _ golden: GoldenBlock, rounds: Int, seed: UInt64
  ) async throws {
    var random = SeededRandom(seed: seed)
    let selector = try RandomSelector(golden.reader.index)
    for _ in 0..<rounds {
      let matchers = try selector.matchers(&random)
      let expected = try golden.reader.index.select(matchers, allowsRemaining: false).ids
      let selection = try await block.select(matchers, budget: FreeFetching(), tenant: "t")
      let ids = try tested(selection, golden.reader.index)
      #expect(ids == expected, "\(golden.id) \(matchers)")
      if !selection.remaining.isEmpty {
        block.storeExpanded(ids, for: matchers, tenant: "t")
      }
      let some = Array(ids.prefix(Int.random(in: 0...80, using: &random)))
      let parts = try await block.seriesParts(some, budget: FreeFetching(), tenant: "t")
      try expectSeries(some, in: parts, of: golden.reader.index)
      let wanted = try locations(some, golden.reader.index).shuffled(using: &random).prefix(100)
      let segments = try await block.chunkParts(
        Array(wanted), budget: FreeFetching(), tenant: "t")
      try expectChunks(Array(wanted), in: segments, of: golden.reader.chunks)
    }
  }

  @Test(
    "selectors, series and chunks are those of the mapped block",
    arguments: [false, true], [false, true])
  func equalsMapped(leavesConditions: Bool, cached: Bool) async throws {
    let fixture = RemoteFixture(
      try remote(), cached: cached,
      options: RemoteBlockOptions(leavesConditions: leavesConditions))
    for golden in try GoldenBlock.all() {
      let block = fixture.block(golden.id, golden.reader.meta)
      try await compare(block, golden, rounds: 6, seed: 5)
      // The same questions again: now the cache answers.
      if cached { try await compare(block, golden, rounds: 6, seed: 5) }
    }
    if let cache = fixture.cache { #expect(cache.found > 1000) }
  }

  @Test(
    "guesses that are far too small cost more requests and change nothing", arguments: [1, 3, 30])
  func smallGuesses(byteCount: Int) async throws {
    let bucket = try remote()
    let fixture = RemoteFixture(bucket, options: RemoteBlockOptions(gapByteCount: 0))
    for golden in try GoldenBlock.all().prefix(6) {
      let block = fixture.block(
        golden.id, golden.reader.meta,
        estimates: FetchEstimates(seriesByteCount: byteCount, chunkByteCount: byteCount))
      try await compare(block, golden, rounds: 4, seed: 11)
    }
    let text = fixture.registry.exposition(.text)
    #expect(!text.contains("series_refetches_total{tenant=\"t\"} 0"))
    #expect(!text.contains("chunk_refetches_total{tenant=\"t\"} 0"))
  }

  @Test("parts of any size hold whole records", arguments: [1, 200, 5000])
  func smallParts(byteCount: Int) async throws {
    let fixture = RemoteFixture(
      try remote(), options: RemoteBlockOptions(gapByteCount: 64, partByteCount: byteCount))
    for golden in try GoldenBlock.all().suffix(4) {
      try await compare(
        fixture.block(golden.id, golden.reader.meta), golden, rounds: 4, seed: 12)
    }
  }

  @Test("with faults an answer is right, or an error", arguments: 0..<8)
  func faults(seed: UInt64) async throws {
    let bucket = try remote(.all(0.04), seed: seed)
    var retries = RemoteFixture.impatient
    retries.attempts = 3
    var answered = 0
    for golden in try GoldenBlock.all().shuffledPrefix(5, seed: seed) {
      for _ in 0..<4 {
        let fixture = RemoteFixture(bucket, cached: true, retries: retries)
        let block = fixture.block(golden.id, golden.reader.meta)
        do {
          try await compareUnlessDamaged(block, golden, seed: seed)
          answered += 1
        } catch let error as RemoteBlockError {
          switch error {
          case .unavailable, .damaged: break
          case .vanished, .unwritable, .refused, .cancelled: Issue.record("\(error)")
          }
        }
      }
    }
    #expect(answered > 0)
  }

  /// Decoding may find damage; what it lets through must be right.
  private func compareUnlessDamaged(
    _ block: RemoteBlock, _ golden: GoldenBlock, seed: UInt64
  ) async throws {
    var random = SeededRandom(seed: seed)
    let selector = try RandomSelector(golden.reader.index)
    for _ in 0..<5 {
      let matchers = try selector.matchers(&random)
      let expected = try golden.reader.index.select(matchers, allowsRemaining: false).ids
      let selection = try await block.select(matchers, budget: FreeFetching(), tenant: "t")
      #expect(try tested(selection, golden.reader.index) == expected)
      let some = Array(expected.prefix(40))
      let parts = try await block.seriesParts(some, budget: FreeFetching(), tenant: "t")
      for id in some {
        do { try expectSeries([id], in: parts, of: golden.reader.index) } catch is BlockError {}
      }
      let wanted = try locations(some, golden.reader.index).prefix(60)
      let segments = try await block.chunkParts(
        Array(wanted), budget: FreeFetching(), tenant: "t")
      for location in wanted {
        do {
          try expectChunks([location], in: segments, of: golden.reader.chunks)
        } catch is BlockError {}
      }
    }
  }

  @Test("bytes shifted on the way are noticed and fetched again")
  func shiftedOnce() async throws {
    var faults = RemoteBucket.Faults()
    faults.nextShifts = 1
    let fixture = RemoteFixture(try remote())
    for golden in try GoldenBlock.all() {
      let index = golden.reader.index
      let block = fixture.block(golden.id, golden.reader.meta)
      _ = try await block.symbols
      let matchers = [try LabelMatcher(.notEqual, "__name__", "up")]
      fixture.bucket.set(faults)
      let selection = try await block.select(matchers, budget: FreeFetching(), tenant: "t")
      let ids = try tested(selection, index)
      #expect(ids == (try index.select(matchers, allowsRemaining: false).ids))
      fixture.bucket.set(faults)
      let parts = try await block.seriesParts(ids, budget: FreeFetching(), tenant: "t")
      try expectSeries(ids, in: parts, of: index)
      let wanted = try Array(locations(ids, index).prefix(500))
      fixture.bucket.set(faults)
      let segments = try await block.chunkParts(wanted, budget: FreeFetching(), tenant: "t")
      try expectChunks(wanted, in: segments, of: golden.reader.chunks)
    }
  }

  @Test("a damaged cache gives the same answers")
  func damagedCache() async throws {
    let fixture = RemoteFixture(try remote(), cached: true)
    let cache = try #require(fixture.cache)
    var random = SeededRandom(seed: 8)
    for golden in try GoldenBlock.all().prefix(4) {
      let block = fixture.block(golden.id, golden.reader.meta)
      for _ in 0..<3 {
        try await compare(block, golden, rounds: 4, seed: 21)
        cache.damage(using: &random)
      }
    }
  }

  @Test("names, values and presence of labels come from the header alone")
  func labels() async throws {
    let fixture = RemoteFixture(try remote())
    for golden in try GoldenBlock.all() {
      let block = fixture.block(golden.id, golden.reader.meta)
      fixture.bucket.reset()
      let names = try await block.labelNames()
      #expect(names == (try golden.reader.index.labelNames()))
      for name in names + [Array("none".utf8)] {
        let values = try await block.labelValues(of: name)
        #expect(values == (try golden.reader.index.labelValues(of: name)))
        #expect(try await block.hasLabel(named: name) == !values.isEmpty)
      }
      #expect(fixture.bucket.reads.count == 4)
    }
  }

  @Test("one metric costs a request for postings, one for its series and one a segment")
  func fewRequests() async throws {
    let fixture = RemoteFixture(try remote(), cached: true)
    for golden in try GoldenBlock.all() {
      let block = fixture.block(golden.id, golden.reader.meta)
      let names = try await block.labelValues(of: Array("__name__".utf8))
      let name = try #require(names.first)
      let matcher = try LabelMatcher(.equal, name: Array("__name__".utf8), value: name)
      fixture.bucket.reset()
      let ids = try await block.select([matcher], budget: FreeFetching(), tenant: "t").ids
      #expect(fixture.bucket.reads.count == 1)
      _ = try await block.seriesParts(ids, budget: FreeFetching(), tenant: "t")
      let untilSeries = fixture.bucket.reads.count
      #expect(untilSeries <= 1 + ids.count)
      _ = try await block.select([matcher], budget: FreeFetching(), tenant: "t")
      _ = try await block.seriesParts(ids, budget: FreeFetching(), tenant: "t")
      #expect(fixture.bucket.reads.count == untilSeries)
    }
  }

  @Test("a block that vanished is told from one that cannot be reached")
  func vanished() async throws {
    let golden = try #require(try GoldenBlock.all().first)
    let fixture = RemoteFixture(try remote())
    let block = fixture.block(golden.id, golden.reader.meta)
    let ids = try await block.select([], budget: FreeFetching(), tenant: "t").ids
    var faults = RemoteBucket.Faults()
    faults.vanishesAfter = 0
    fixture.bucket.set(faults)
    for _ in 0..<2 {
      let error = await #expect(throws: RemoteBlockError.self) {
        try await block.seriesParts(ids, budget: FreeFetching(), tenant: "t")
      }
      guard case .vanished = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
    let chunks = await #expect(throws: RemoteBlockError.self) {
      try await block.chunkParts(
        locations(Array(ids.prefix(3)), golden.reader.index), budget: FreeFetching(), tenant: "t")
    }
    guard case .vanished = chunks else {
      Issue.record("\(String(describing: chunks))")
      return
    }
  }

  @Test(
    "a block that was written anew under its name is noticed where its lists are wrong",
    arguments: [(3, 300), (300, 3)])
  func rewritten(before: Int, after: Int) async throws {
    let id = try #require(BlockID("01M81TM769G6KD7MVWD56GJ0RY"))
    try await withTemporaryDirectory { directory in
      func write(_ count: Int) throws -> BlockReader {
        let path = "\(directory)/\(id)"
        try? FileManager.default.removeItem(atPath: path)
        let series = (0..<count).map { number in
          let value = Array("a value of some length, number \(number)".utf8)
          return TestSeries(LabelSet([(name: [0x61], value: value)]), [(1, 1)])
        }
        try makeBlock(at: path, id: id, series)
        return try BlockReader(directory: path)
      }
      let old = try write(before)
      let fixture = RemoteFixture(try RemoteBucket(directory: directory))
      let block = fixture.block(id, old.meta)
      _ = try await block.symbols
      let new = try write(after)
      let ids = try await block.select([], budget: FreeFetching(), tenant: "t").ids
      #expect(ids == (try new.index.allPostings()))
      #expect(ids.count == after)
      let parts = try await block.seriesParts(ids, budget: FreeFetching(), tenant: "t")
      try expectSeries(ids, in: parts, of: new.index)
    }
  }

  @Test("segments of hostile names are refused, those of no names are listed")
  func segmentNames() async throws {
    let golden = try #require(try GoldenBlock.all().first)
    let fixture = RemoteFixture(try remote())
    let ids = try golden.reader.index.allPostings()
    let wanted = try locations(Array(ids.prefix(20)), golden.reader.index)
    for bad in ["../000001", "", "index", "000001/..", "000001 "] {
      let block = RemoteBlock(
        id: golden.id, meta: golden.reader.meta, segmentNames: [bad],
        resources: fixture.resources)
      let error = await #expect(throws: RemoteBlockError.self) {
        try await block.chunkParts(wanted, budget: FreeFetching(), tenant: "t")
      }
      guard case .damaged = error else {
        Issue.record("\(bad): \(String(describing: error))")
        continue
      }
    }
    let listed = RemoteBlock(
      id: golden.id, meta: golden.reader.meta, segmentNames: [], resources: fixture.resources)
    let segments = try await listed.chunkParts(wanted, budget: FreeFetching(), tenant: "t")
    try expectChunks(wanted, in: segments, of: golden.reader.chunks)
    #expect(fixture.bucket.count(.iter) == 1)
  }

  @Test("references that lead nowhere have no part, and no trap")
  func wildReferences() async throws {
    let golden = try #require(try GoldenBlock.all().first)
    let fixture = RemoteFixture(try remote())
    let block = fixture.block(golden.id, golden.reader.meta)
    let ids: [UInt32] = [0, 1, 7, .max / 2, .max - 1, .max]
    let parts = try await block.seriesParts(ids, budget: FreeFetching(), tenant: "t")
    #expect(parts.place(holding: Int(UInt32.max) * 16) == nil)
    let good = try locations(
      Array(golden.reader.index.allPostings().prefix(4)), golden.reader.index)
    let wild =
      [0, 3, 8, 9, 100, 5_000_000, 0xFFFF_FFFF].map { ChunkLocation(segment: 0, offset: $0) }
      + [ChunkLocation(segment: 99, offset: 8), ChunkLocation(.max), ChunkLocation(0)]
    let segments = try await block.chunkParts(
      good + wild, budget: FreeFetching(), tenant: "t")
    try expectChunks(good, in: segments, of: golden.reader.chunks)
    for location in wild where location.offset != 8 {
      #expect(throws: BlockError.self) {
        try segments.segment(of: location).record(at: location.offset)
      }
    }
  }

  @Test("tombstones are read once, and a block without the file has none")
  func tombstones() async throws {
    let golden = try #require(try GoldenBlock.all().first)
    let memory = MemoryBucket()
    let fixture = RemoteFixture(RemoteBucket(memory))
    let without = fixture.block(golden.id, golden.reader.meta)
    #expect(try await without.tombstones().isEmpty)
    var bytes: [UInt8] = [0x01, 0x30, 0xBA, 0x30, 1]
    let entry: [UInt8] = [0x90, 0x4E, 4, 8]
    bytes += entry
    let checksum = CRC32C(entry.span.bytes).value
    for shift: UInt32 in [24, 16, 8, 0] {
      bytes.append(UInt8(truncatingIfNeeded: checksum >> shift))
    }
    try await memory.write(bytes, to: ObjectName("\(golden.id)/tombstones"))
    let with = fixture.block(golden.id, golden.reader.meta)
    for _ in 0..<3 {
      #expect(try await with.tombstones().intervals(ofSeries: 10_000) == [2...4])
    }
    #expect(fixture.bucket.reads.count == 1)
    bytes[6] ^= 1
    try await memory.write(bytes, to: ObjectName("\(golden.id)/tombstones"))
    let damaged = fixture.block(golden.id, golden.reader.meta)
    await #expect(throws: RemoteBlockError.self) { try await damaged.tombstones() }
  }
}

extension Array {
  fileprivate func shuffledPrefix(_ count: Int, seed: UInt64) -> ArraySlice<Element> {
    var random = SeededRandom(seed: seed)
    return shuffled(using: &random).prefix(count)
  }
}
