/// Decoded native histograms of one chunk, as columns.
///
/// All samples of a chunk have the same buckets. A stale sample has the stale marker as its sum and
/// zeros elsewhere.
public struct HistogramColumns: Equatable, Sendable {
  /// What the first sample of a chunk is to the last one of the chunk before.
  public enum ResetHeader: UInt8, Sendable {
    // On disk, never renumber.
    /// Nothing is known: compare the counts.
    case unknown = 0b00
    /// The counter went on.
    case notReset = 0b01
    /// The counter began anew.
    case reset = 0b10
    /// All samples of the chunk are gauges.
    case gauge = 0b11
  }

  /// Whether counts and buckets are bits of doubles, or integers.
  public var isFloat = false
  /// What stands at the head of the chunk.
  public var resetHeader = ResetHeader.unknown
  /// Which buckets all samples have.
  public var layout = HistogramLayout()
  /// Milliseconds since 1970.
  public var timestamps: [Int64] = []
  /// Start timestamps, empty for encodings without them.
  public var starts: [Int64] = []
  /// Observations: integers, or bits of doubles.
  public var counts: [UInt64] = []
  /// Observations in the zero bucket, likewise.
  public var zeroCounts: [UInt64] = []
  /// Bits of doubles.
  public var sums: [UInt64] = []
  /// Absolute counts, sample by sample: the positive buckets in the order of the spans, then the
  /// negative ones. Integers as bit patterns of Int64.
  public var buckets: [UInt64] = []
  /// Decoding floats needs one for each bucket; here only to keep the memory.
  var windows: [XORWindow] = []

  /// No samples.
  public init() {}

  /// Whether both hold the same; memory that is only kept does not count.
  public static func == (left: HistogramColumns, right: HistogramColumns) -> Bool {
    left.isFloat == right.isFloat && left.resetHeader == right.resetHeader
      && left.layout == right.layout && left.timestamps == right.timestamps
      && left.starts == right.starts && left.counts == right.counts
      && left.zeroCounts == right.zeroCounts && left.sums == right.sums
      && left.buckets == right.buckets
  }

  /// Number of samples.
  public var count: Int { timestamps.count }
  /// Buckets of each sample.
  public var bucketCount: Int { layout.positiveBucketCount + layout.negativeBucketCount }

  /// Removes samples and layout and keeps the memory.
  public mutating func removeAll() {
    timestamps.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    counts.removeAll(keepingCapacity: true)
    zeroCounts.removeAll(keepingCapacity: true)
    sums.removeAll(keepingCapacity: true)
    buckets.removeAll(keepingCapacity: true)
    layout.removeAll()
  }

  /// Appends a histogram that has the buckets of ``layout``.
  ///
  /// - Parameters:
  ///   - timestamp: milliseconds since 1970.
  ///   - count: of all observations; with ``isFloat`` the bits of a double, like `zeroCount` and
  ///     `buckets`.
  ///   - zeroCount: of observations in the zero bucket.
  ///   - sum: bits of a double. For a stale marker ``SampleValue/staleMarker``, with zeros elsewhere.
  ///   - buckets: absolute counts, the positive ones in the order of the spans, then the negative
  ///     ones.
  /// - Precondition: there are as many buckets as the layout has.
  public mutating func append(
    timestamp: Int64, count: UInt64, zeroCount: UInt64, sum: UInt64, buckets: [UInt64]
  ) {
    precondition(buckets.count == bucketCount, "a histogram has the buckets of the layout")
    timestamps.append(timestamp)
    counts.append(count)
    zeroCounts.append(zeroCount)
    sums.append(sum)
    if !starts.isEmpty { starts.append(0) }
    self.buckets.append(contentsOf: buckets)
  }

  /// Whether a sample is a stale marker.
  public func isStale(at index: Int) -> Bool { sums[index] == SampleValue.staleMarker }

  /// The positive and negative buckets of a sample.
  public func buckets(at index: Int) -> (positive: ArraySlice<UInt64>, negative: ArraySlice<UInt64>)
  {
    let start = index * bucketCount
    let middle = start + layout.positiveBucketCount
    return (buckets[start..<middle], buckets[middle..<start + bucketCount])
  }
}
