internal import StoreAPI
internal import SwiftProtobuf
internal import TSDBBlock

/// What a Series call says about itself when it is asked to.
extension Hintspb_SeriesResponseHints {
  init(_ log: QueryLog, blocks: [BlockID]) {
    self.init()
    queriedBlocks = blocks.map { id in .with { $0.id = id.description } }
    queryStats = Hintspb_QueryStats(log)
  }
}

extension Hintspb_QueryStats {
  /// Mapped files are not downloaded: what was touched is what was fetched.
  init(_ log: QueryLog) {
    self.init()
    blocksQueried = Int64(log.blocks)
    mergedSeriesCount = Int64(log.resultSeries)
    mergedChunksCount = Int64(log.resultChunks)
    postingsTouched = Int64(log.cost.postings)
    postingsFetched = Int64(log.cost.postings)
    postingsTouchedSizeSum = Int64(log.cost.postingsBytes)
    postingsFetchedSizeSum = Int64(log.cost.postingsBytes)
    seriesTouched = Int64(log.cost.series)
    seriesFetched = Int64(log.cost.series)
    seriesTouchedSizeSum = Int64(log.cost.seriesBytes)
    seriesFetchedSizeSum = Int64(log.cost.seriesBytes)
    chunksTouched = Int64(log.cost.chunks)
    chunksFetched = Int64(log.cost.chunks)
    chunksTouchedSizeSum = Int64(log.cost.chunkBytes)
    chunksFetchedSizeSum = Int64(log.cost.chunkBytes)
    getAllDuration = Google_Protobuf_Duration(rounding: log.selecting)
    mergeDuration = Google_Protobuf_Duration(rounding: log.merging)
  }
}
