internal import RemoteBlocks
internal import StoreAPI
internal import SwiftProtobuf
internal import TSDBBlock

/// What a Series call says about itself when it is asked to.
extension Hintspb_SeriesResponseHints {
  init(_ log: QueryLog, _ statistics: FetchStatistics, blocks: [BlockID]) {
    self.init()
    queriedBlocks = blocks.map(Hintspb_Block.init)
    queryStats = Hintspb_QueryStats(log, statistics)
  }
}

extension Hintspb_Block {
  init(_ id: BlockID) {
    self.init()
    self.id = id.description
  }
}

extension Hintspb_QueryStats {
  /// Of mapped files nothing is fetched.
  init(_ log: QueryLog, _ statistics: FetchStatistics) {
    self.init()
    blocksQueried = Int64(log.blocks)
    mergedSeriesCount = Int64(log.resultSeries)
    mergedChunksCount = Int64(log.resultChunks)
    let postings = statistics[.postings]
    postingsTouched = Int64(postings.touched)
    postingsTouchedSizeSum = Int64(postings.touchedBytes)
    postingsToFetch = Int64(postings.fetched)
    postingsFetched = Int64(postings.fetched)
    postingsFetchedSizeSum = Int64(postings.fetchedBytes)
    postingsFetchCount = Int64(postings.requests)
    let series = statistics[.series]
    seriesTouched = Int64(series.touched)
    seriesTouchedSizeSum = Int64(series.touchedBytes)
    seriesFetched = Int64(series.fetched)
    seriesFetchedSizeSum = Int64(series.fetchedBytes)
    seriesFetchCount = Int64(series.requests)
    let chunks = statistics[.chunks]
    chunksTouched = Int64(chunks.touched)
    chunksTouchedSizeSum = Int64(chunks.touchedBytes)
    chunksFetched = Int64(chunks.fetched)
    chunksFetchedSizeSum = Int64(chunks.fetchedBytes)
    chunksFetchCount = Int64(chunks.requests)
    dataDownloadedSizeSum = Int64(
      postings.fetchedBytes + series.fetchedBytes + chunks.fetchedBytes)
    getAllDuration = Google_Protobuf_Duration(rounding: log.selecting)
    mergeDuration = Google_Protobuf_Duration(rounding: log.merging)
  }
}
