/// The contents of a block's meta.json.
///
///     ulid, minTime, maxTime,                       time range [minTime, maxTime), Unix ms
///     stats      { numSamples, numFloatSamples, numHistogramSamples,
///                  numSeries, numChunks, numTombstones }
///     compaction { level, sources, deletable, parents [{ ulid, minTime, maxTime }],
///                  failed, hints }
///     version    1
///     thanos     see ``ThanosMeta``
///
/// Read in any order, written in this one. Keys unknown to us are kept on every level and written
/// after the known ones of their object.
public struct BlockMeta: Equatable, Sendable {
  /// Who the block is; also the name of its directory.
  public var id: BlockID
  /// First time of the block, Unix milliseconds.
  public var minTime: Int64
  /// End of the block's range, exclusive.
  public var maxTime: Int64
  /// What the block holds.
  public var stats: Stats
  /// Where the block comes from.
  public var compaction: Compaction
  /// Present when Thanos, or we, put the block into a bucket.
  public var thanos: ThanosMeta?
  /// Keys this library does not know; they are written again.
  public var unknown: [RawJSON.Member] = []

  /// The only format version there is.
  public static let version = 1
  /// The name of the file in the block's directory.
  public static let fileName = "meta.json"

  /// A description of the block `id` with times in `[minTime, maxTime)`.
  public init(
    id: BlockID, minTime: Int64, maxTime: Int64, stats: Stats = Stats(),
    compaction: Compaction = Compaction(), thanos: ThanosMeta? = nil
  ) {
    self.id = id
    self.minTime = minTime
    self.maxTime = maxTime
    self.stats = stats
    self.compaction = compaction
    self.thanos = thanos
  }

  /// What the block holds, as counted by its writer.
  public struct Stats: Equatable, Sendable {
    /// Samples of all kinds.
    public var samples: UInt64 = 0
    /// Float samples; 0 also when the writer did not tell them apart.
    public var floatSamples: UInt64 = 0
    /// Native histograms; 0 also when the writer did not tell them apart.
    public var histogramSamples: UInt64 = 0
    /// Series.
    public var series: UInt64 = 0
    /// Chunks.
    public var chunks: UInt64 = 0
    /// Deleted intervals.
    public var tombstones: UInt64 = 0
    /// Keys this library does not know; they are written again.
    public var unknown: [RawJSON.Member] = []

    /// Nothing.
    public init() {}
  }

  /// Where the block comes from.
  public struct Compaction: Equatable, Sendable {
    /// 1 for a block cut from a head, more for merged ones.
    public var level = 1
    /// The level-1 blocks that went in, sorted.
    public var sources: [BlockID] = []
    /// All samples are deleted: the block may go.
    public var deletable = false
    /// The direct inputs, in the order of the plan.
    public var parents: [Parent] = []
    /// A compaction of this block failed; planners leave it alone.
    public var failed = false
    /// See ``Hint``.
    public var hints: [String] = []
    /// Keys this library does not know; they are written again.
    public var unknown: [RawJSON.Member] = []

    /// A block cut from a head, without sources yet.
    public init() {}
  }

  /// A block that was merged into another one.
  public struct Parent: Equatable, Sendable {
    /// Who it is.
    public var id: BlockID
    /// First time of its range, Unix milliseconds.
    public var minTime: Int64
    /// End of its range, exclusive.
    public var maxTime: Int64
    /// Keys this library does not know; they are written again.
    public var unknown: [RawJSON.Member] = []

    /// A block with times in `[minTime, maxTime)`.
    public init(id: BlockID, minTime: Int64, maxTime: Int64) {
      self.id = id
      self.minTime = minTime
      self.maxTime = maxTime
    }
  }

  /// The labels of the Thanos section, sorted by name; empty without that section.
  public var externalLabels: [(name: [UInt8], value: [UInt8])] {
    thanos?.labels.map { (name: $0.name, value: $0.value) } ?? []
  }

  /// Milliseconds between downsampled values; 0 for raw blocks.
  public var resolution: Int64 { thanos?.resolution ?? 0 }

  /// The hints in ``Compaction/hints``. On disk, never rename.
  public enum Hint {
    /// The block was made of samples that came late.
    public static let fromOutOfOrder = "from-out-of-order"
    /// The block was made of series that had ended.
    public static let fromStaleSeries = "from-stale-series"
    /// The block was made of series that were picked.
    public static let fromSelectedSeries = "from-selected-series"
  }
}
