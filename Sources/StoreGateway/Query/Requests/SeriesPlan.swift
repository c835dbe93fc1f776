internal import IndexCache
internal import StoreAPI
internal import TSDBBlock

/// A Series request, checked and translated.
struct SeriesPlan: Sendable {
  /// More series in a message than this are not sent, whatever the client asks for.
  private static let maxBatchSize = 1 << 20

  let matchers: [LabelMatcher]
  /// Tested on external labels and `__block_id` of the blocks already chosen.
  let blockMatchers: [LabelMatcher]
  /// Whether the answer ends with what it cost.
  let wantsStatistics: Bool
  let maxResolution: Int64
  let read: ReadPlan
  let limit: Int?
  /// Series per message; nil when the client did not ask for batches.
  let batchSize: Int?

  /// - Parameters:
  ///   - window: Times this store serves; both inclusive.
  init(
    _ request: Thanos_SeriesRequest, window: ClosedRange<Int64>, cache: MatcherCache? = nil
  ) throws(QueryError) {
    matchers = try LabelMatcher.all(request.matchers, cache)
    if request.hasHints {
      let hints = try RequestHints.decode(
        request.hints, as: Hintspb_SeriesRequestHints.self, call: "series")
      blockMatchers = try LabelMatcher.all(hints.blockMatchers)
      wantsStatistics = hints.enableQueryStats
    } else {
      blockMatchers = []
      wantsStatistics = false
    }
    maxResolution = request.maxResolutionWindow
    limit = request.answerLimit
    read = ReadPlan(
      filter: SeriesFilter(
        minTime: max(request.minTime, window.lowerBound),
        maxTime: min(request.maxTime, window.upperBound),
        shard: request.hasShardInfo ? ShardSelector(request.shardInfo) : nil),
      removedNames: request.removedNames,
      loader: request.skipChunks ? nil : ChunkLoader(request.aggregates),
      abortsAtDamage: request.abortsAtDamage, seriesLimit: limit)
    batchSize =
      request.responseBatchSize > 1
      ? Int(min(request.responseBatchSize, Int64(Self.maxBatchSize))) : nil
  }
}
