import ObjectStore
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import RemoteBlocks

/// What a query pays: the amounts that limits of the reference count.
@Suite struct ChargingTests {
  /// A block of one series with one chunk, whose meta.json says nothing about sizes.
  private func fixture(
    cached: Bool = true, in directory: String
  ) throws -> (RemoteFixture, RemoteBlock, BlockReader) {
    let id = try #require(BlockID("01M81TM769G6KD7MVWD56GJ0RY"))
    let labels = LabelSet([(name: [0x61], value: [0x31]), (name: [0x62], value: [0x32])])
    let meta = try makeBlock(
      at: "\(directory)/\(id)", id: id, [TestSeries(labels, [(1, 1), (2, 3)])])
    let fixture = RemoteFixture(try RemoteBucket(directory: directory), cached: cached)
    return (
      fixture, fixture.block(id, meta), try BlockReader(directory: "\(directory)/\(id)")
    )
  }

  private func run(
    _ block: RemoteBlock, _ reader: BlockReader, _ budget: CountingBudget
  ) async throws {
    let matchers = [try LabelMatcher(.equal, "a", "1")]
    let ids = try await block.select(matchers, budget: budget, tenant: "t").ids
    #expect(ids.count == 1)
    let parts = try await block.seriesParts(ids, budget: budget, tenant: "t")
    try expectSeries(ids, in: parts, of: reader.index)
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    try reader.index.appendSeries(ids[0], labels: &labels, chunks: &chunks)
    _ = try await block.chunkParts(chunks.map(\.location), budget: budget, tenant: "t")
  }

  @Test("a series and its chunk cost the guesses, as in the reference's own example")
  func amounts() async throws {
    try await withTemporaryDirectory { directory in
      let (_, block, reader) = try fixture(in: directory)
      let budget = CountingBudget()
      try await run(block, reader, budget)
      #expect(budget[.postings] == 8)
      #expect(budget[.series] == 65_536)
      #expect(budget[.chunks] == 16_000)
      #expect(budget.total == 8 + 65_536 + 16_000)
    }
  }

  @Test("a limit is met before anything is read, and the text says where")
  func refusals() async throws {
    try await withTemporaryDirectory { directory in
      let (fixture, block, reader) = try fixture(cached: false, in: directory)
      _ = try await block.symbols
      for (limit, activity, reads) in [
        (1, "fetching postings", 0), (100, "fetching series", 1),
        (8 + 65_536 + 15_999, "fetching chunks", 2),
      ] {
        fixture.bucket.reset()
        let error = await #expect(throws: RemoteBlockError.self) {
          try await run(block, reader, CountingBudget(limit: limit))
        }
        let text = "exceeded bytes limit while \(activity): limit \(limit) violated"
        #expect(error?.description.hasPrefix(text) == true, "\(String(describing: error))")
        #expect(fixture.bucket.reads.count == reads)
      }
    }
  }

  @Test("what a query touched and fetched is added up: from the cache it is only touched")
  func statistics() async throws {
    try await withTemporaryDirectory { directory in
      let (fixture, block, reader) = try fixture(in: directory)
      var touched = 0
      var fetched = 0
      for round in 1...2 {
        let budget = CountingBudget()
        try await run(block, reader, budget)
        let statistics = try #require(budget.statistics)
        for kind in FetchStatistics.Kind.allCases {
          touched += statistics[kind].touched
          fetched += statistics[kind].fetched
          #expect(statistics[kind].touchedBytes > 0)
        }
        fixture.resources.metrics.observe(statistics, tenant: "t")
        #expect(touched == 3 * round)
        #expect(fetched == 2 + round)
      }
      let text = fixture.registry.exposition(.text)
      #expect(
        text.contains(
          "thanos_bucket_store_series_data_touched_sum{data_type=\"chunks\",tenant=\"t\"} 2"))
      #expect(
        text.contains(
          "thanos_bucket_store_series_data_fetched_sum{data_type=\"series\",tenant=\"t\"} 1"))
    }
  }
}
