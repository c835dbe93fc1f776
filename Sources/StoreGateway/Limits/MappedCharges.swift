internal import RemoteBlocks
internal import TSDBBlock

/// What reading a mapped block would cost in bytes if it were far away: the limit on bytes means the
/// same for every bucket.
struct MappedCharges {
  /// Series that the reference fetches together.
  private static let batchSeries = 10_000

  let block: LoadedBlock
  let context: RequestContext

  /// Pays for the lists that answer `matchers`.
  func payPostings(
    _ matchers: [LabelMatcher], in index: IndexReader
  ) throws(ReadFailure) {
    let lists: [PostingsQuery.List]
    do throws(BlockError) {
      lists = try PostingsQuery(matchers, in: index.postingsOffsets).lists
    } catch {
      throw .damaged(error.inFile(index.path))
    }
    try pay(lists.map(\.range), .postings)
  }

  /// Pays for the entries of series.
  func paySeries(_ ids: [UInt32], in index: IndexReader) throws(ReadFailure) {
    let guess = estimates.seriesByteCount
    for start in stride(from: 0, to: ids.count, by: Self.batchSeries) {
      let batch = ids[start..<min(start + Self.batchSeries, ids.count)]
      try pay(
        batch.map { id in
          let offset = index.seriesOffset(id)
          return offset..<offset + guess
        }, .series)
    }
  }

  /// Pays for chunks, segment by segment.
  func payChunks(_ spans: [ChunkSpan]) throws(ReadFailure) {
    let guess = estimates.chunkByteCount
    for (_, inside) in Dictionary(grouping: spans, by: \.location.segment) {
      try pay(inside.map { $0.location.offset..<$0.location.offset + guess }, .chunks)
    }
  }

  private var estimates: FetchEstimates { FetchEstimates(block.meta, most: FetchEstimates()) }

  private func pay(_ ranges: [Range<Int>], _ kind: FetchKind) throws(ReadFailure) {
    let sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
    try ReadFailure.ending { () throws(QueryError) in
      try context.charges.addBytes(
        RangePlan(sorted).byteCount, of: kind, block: block.id)
    }
  }
}
