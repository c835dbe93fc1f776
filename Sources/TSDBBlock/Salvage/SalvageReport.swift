/// What a salvage found, wrote and lost: the proof that nothing else is missing.
///
///     samples found = written + duplicates + conflicts + outside the range
///
/// ``isBalanced`` says whether that holds. What was lost before it could be found, because bytes are
/// gone or wrong, is in ``losses``, with the labels, times and counts that are still known.
public struct SalvageReport: Sendable {
  /// The directory that was read.
  public let directory: String
  /// The block it was by its directory's name or its meta.json; nil when neither tells.
  public internal(set) var source: BlockID?
  /// The description of the new block; nil when nothing could be saved, and nothing was written.
  public internal(set) var meta: BlockMeta?
  /// What meta.json says the block held; nil when it is unreadable or does not say.
  public internal(set) var stated: Totals?
  /// Series entries that are intact, the chunks these refer to, and the samples of those that are
  /// proven.
  public internal(set) var found = Totals()
  /// What the new block holds.
  public internal(set) var written = Totals()
  /// Of everything written; a check of the new block must find the same.
  public internal(set) var fingerprint = BlockFingerprint()
  /// What could not be brought back.
  public internal(set) var lost = Lost()
  /// The first ``lossLimit`` of what is lost, in the order found.
  public internal(set) var losses: [Loss] = []
  /// How often each reason occurred.
  public internal(set) var lossCounts: [Loss.Reason: Int] = [:]
  /// Samples left out because the series has the same ones already.
  public internal(set) var duplicateSamples = 0
  /// Samples left out because the series has another value for their time; the first one stays.
  public internal(set) var conflictingSamples = 0
  /// Samples left out because they lie outside the range that meta.json gives the block.
  public internal(set) var outsideSamples = 0
  /// Entries that were merged into another one with the same labels.
  public internal(set) var mergedSeries = 0
  /// What had to be found out or made anew, for people, each once.
  public internal(set) var repairs: [String] = []
  /// What became of the deletions.
  public internal(set) var deletions = Deletions.none

  /// Losses beyond this are only counted.
  public static let lossLimit = 10_000

  init(directory: String) { self.directory = directory }

  /// Counts of one side of the proof.
  public struct Totals: Equatable, Sendable {
    /// Series.
    public var series = 0
    /// Chunks.
    public var chunks = 0
    /// Samples; of downsampled chunks those of the count aggregate.
    public var samples = 0
  }

  /// How much is lost.
  public struct Lost: Equatable, Sendable {
    /// Series of which nothing is left, as far as they are known to have existed.
    public var series = 0
    /// Chunks of series that are still known.
    public var chunks = 0
    /// Samples of these chunks, as far as their number is known.
    public var samples = 0
    /// Chunks whose number of samples is not known.
    public var chunksOfUnknownCount = 0
    /// Bytes in which there were series that nothing is known of any more.
    public var seriesBytes = 0

    /// Whether nothing is lost.
    public var isNothing: Bool { self == Lost() }
  }

  /// A series or a chunk that is not in the new block.
  public struct Loss: Equatable, Sendable {
    /// Why it is lost. The raw values are for programs, never renamed.
    public enum Reason: String, Sendable, CaseIterable {
      /// No entry with a right checksum stands where the series was.
      case seriesDamaged = "series-damaged"
      /// The strings of its labels have no proven copy.
      case labelsUnproven = "labels-unproven"
      /// Two values for one label name.
      case labelsAmbiguous = "labels-ambiguous"
      /// No labels at all.
      case labelsMissing = "labels-missing"
      /// The segment file is missing, or it is another block's.
      case segmentMissing = "segment-missing"
      /// The reference leads behind the end of the segment.
      case chunkCut = "chunk-cut"
      /// The record has no right checksum.
      case chunkDamaged = "chunk-damaged"
      /// The record is intact and holds other times than the index says: it is another chunk.
      case chunkTimes = "chunk-times"
      /// Several series claim the record.
      case chunkShared = "chunk-shared"
      /// The encoding is not known.
      case chunkEncoding = "chunk-encoding"
      /// The record is intact and cannot be decoded.
      case chunkSamples = "chunk-samples"
      /// A downsampled chunk for times that another one covers already.
      case chunkOverlap = "chunk-overlap"
    }

    /// Why it is lost.
    public var reason: Reason
    /// Whether the whole series is lost, not only one of its chunks.
    public var isSeries: Bool
    /// As far as they are known.
    public var labels: LabelSet?
    /// First and last time, both inclusive.
    public var times: ClosedRange<Int64>?
    /// Samples; nil when unknown. Of a damaged chunk the number that it claims.
    public var samples: Int?
    /// Relative to the block.
    public var path: String
    /// Byte offset in the file.
    public var offset: Int?
  }

  /// What became of the deletions in the tombstones file.
  public enum Deletions: Equatable, Sendable {
    /// There were none.
    case none
    /// So many intervals are in the new block, under its ids.
    case kept(Int)
    /// The file is unreadable for this reason: deleted samples come back.
    case lost(String)
  }

  /// What is missing beside ``losses``, by the numbers of meta.json: the chunks and samples of lost
  /// series. Nil when meta.json does not say, or cannot be right.
  public var unaccounted: Totals? {
    guard let stated, lost.series > 0 else { return nil }
    let chunks = stated.chunks - found.chunks
    let samples = stated.samples - found.samples - lost.samples
    guard chunks >= 0, samples >= 0 else { return nil }
    return Totals(series: lost.series, chunks: chunks, samples: samples)
  }

  /// Whether every sample that was found is accounted for.
  public var isBalanced: Bool {
    found.samples == written.samples + duplicateSamples + conflictingSamples + outsideSamples
  }

  /// Whether the new block holds everything that the old one can have held.
  public var isComplete: Bool {
    guard lost.isNothing, conflictingSamples == 0 else { return false }
    if case .lost = deletions { return false }
    return true
  }

  mutating func note(_ repair: String) {
    if !repairs.contains(repair) { repairs.append(repair) }
  }

  mutating func lose(_ loss: Loss) {
    lossCounts[loss.reason, default: 0] += 1
    if loss.isSeries {
      lost.series += 1
    } else {
      lost.chunks += 1
      lost.samples += loss.samples ?? 0
      if loss.samples == nil { lost.chunksOfUnknownCount += 1 }
    }
    if losses.count < Self.lossLimit { losses.append(loss) }
  }
}
