public import IndexCache
public import TSDBBlock

/// What all remote blocks of a bucket share.
public struct RemoteBlockResources: Sendable {
  public var reader: RangeReader
  public var headers: IndexHeaderStore
  /// Nil for none.
  public var cache: (any IndexCache)?
  public var metrics: FetchMetrics
  public var options: RemoteBlockOptions

  public init(
    reader: RangeReader, headers: IndexHeaderStore, cache: (any IndexCache)?,
    metrics: FetchMetrics, options: RemoteBlockOptions = RemoteBlockOptions()
  ) {
    self.reader = reader
    self.headers = headers
    self.cache = cache
    self.metrics = metrics
    self.options = options
  }
}

/// How remote blocks are read.
public struct RemoteBlockOptions: Sendable {
  /// Whether conditions whose postings are long are tested on the series instead.
  public var leavesConditions: Bool
  /// Keys of a condition per matching series above which its postings are not fetched; 0 for any
  /// number.
  public var maxKeySeriesRatio: Double
  /// The longest guesses.
  public var estimates: FetchEstimates
  /// Unwanted bytes between two ranges that are read together.
  public var gapByteCount: Int
  /// Bytes of a part that is made of several ranges.
  public var partByteCount: Int

  public init(
    leavesConditions: Bool = true, maxKeySeriesRatio: Double = 100,
    estimates: FetchEstimates = FetchEstimates(), gapByteCount: Int = 512 << 10,
    partByteCount: Int = 8 << 20
  ) {
    self.leavesConditions = leavesConditions
    self.maxKeySeriesRatio = maxKeySeriesRatio
    self.estimates = estimates
    self.gapByteCount = gapByteCount
    self.partByteCount = partByteCount
  }

  var rangeLimits: RangePlan.Limits {
    RangePlan.Limits(gap: max(gapByteCount, 0), part: max(partByteCount, 1))
  }
}

/// How many bytes to fetch for a record before it is known how long it is.
public struct FetchEstimates: Equatable, Sendable {
  /// For a series entry.
  public var seriesByteCount: Int
  /// For a chunk.
  public var chunkByteCount: Int

  /// Those of Thanos by default.
  public init(seriesByteCount: Int = 65_536, chunkByteCount: Int = 16_000) {
    self.seriesByteCount = max(seriesByteCount, 1)
    self.chunkByteCount = max(chunkByteCount, 1)
  }

  /// What meta.json says about the longest ones, if it does, but not more than `most`.
  public init(_ meta: BlockMeta, most: FetchEstimates) {
    func smaller(_ stated: Int64?, _ most: Int) -> Int {
      guard let stated, stated > 0 else { return most }
      return min(Int(clamping: stated), most)
    }
    let stats = meta.thanos?.indexStats
    self.init(
      seriesByteCount: smaller(stats?.seriesMaxSize, most.seriesByteCount),
      chunkByteCount: smaller(stats?.chunkMaxSize, most.chunkByteCount))
  }
}
