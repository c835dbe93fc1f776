/// Collects histogram samples into one chunk by the rules of Prometheus' appenders.
///
///     append ──► appended                 the chunk may have been widened, or the sample
///           └──► needsNewChunk(header)    finish this one, begin the next with this header
///
/// A counter chunk ends where a counter began anew (a count, the zero count or a bucket is smaller,
/// a bucket in use is gone, or the sample says so), where schema, zero threshold or custom bounds
/// change, and where a value follows a stale marker. New buckets widen the whole chunk; buckets that
/// are missing but were never used widen the sample. Gauges take the union of both. Source:
/// `tsdb/chunkenc/histogram.go` and `float_histogram.go` of Prometheus 3.
///
/// The chunk under way is kept as columns, so that widening moves numbers and not bits.
public struct HistogramAppender: Sendable {
  /// Samples after which compaction and the head begin a new chunk.
  public static let samplesPerChunk = 120
  /// Bytes at which the head ends a chunk of at least ``headMinSamples``, and of any number.
  public static let headTargetBytes = 1024
  /// Bytes at which the head ends a chunk of any number of samples.
  public static let headLargestBytes = 2048
  /// Samples below which the target does not end a chunk.
  public static let headMinSamples = 10

  /// What became of a sample.
  public enum Outcome: Equatable, Sendable {
    /// It is the last one of the chunk under way.
    case appended
    /// Nothing was appended. The header is what Prometheus gives the chunk that begins here.
    case needsNewChunk(HistogramColumns.ResetHeader)
  }

  /// The samples of the chunk under way.
  public private(set) var columns = HistogramColumns()

  /// - Parameter isFloat: whether counts and buckets are doubles. All samples must be of this kind.
  public init(isFloat: Bool) { columns.isFloat = isFloat }

  /// Samples of the chunk under way.
  public var count: Int { columns.count }

  /// Appends sample `index` of `source`, or tells that it needs a new chunk.
  ///
  /// The first sample of a chunk is always taken; its hint makes the header: gauge, reset, else
  /// unknown.
  ///
  /// - Precondition: `source` is of this appender's kind.
  /// - Complexity: O(buckets) when the layouts are equal, O(samples · buckets) when the chunk must
  ///   be widened.
  public mutating func append(
    _ source: HistogramColumns, at index: Int, hint: CounterResetHint
  ) -> Outcome {
    precondition(source.isFloat == columns.isFloat, "a chunk holds one kind of histograms")
    guard count > 0 else {
      begin(source, at: index, header: Self.header(of: hint))
      return .appended
    }
    if let header = conflict(source, index, hint) { return .needsNewChunk(header) }
    if source.isStale(at: index) || source.layout == columns.layout {
      appendRow(source, index)
    } else {
      appendWidened(source, index, isGauge: hint == .gauge)
    }
    return .appended
  }

  /// Forgets the chunk under way and begins one with a sample.
  public mutating func begin(
    _ source: HistogramColumns, at index: Int, header: HistogramColumns.ResetHeader
  ) {
    let isFloat = columns.isFloat
    columns.removeAll()
    columns.isFloat = isFloat
    columns.resetHeader = header
    // A stale sample has no buckets, and only stale ones can follow it.
    if !source.isStale(at: index) { columns.layout = source.layout }
    appendRow(source, index)
  }

  /// The header of a chunk that continues a series whose last chunk is still under way in
  /// `previous`, as when a head cuts a chunk for its size.
  public static func header(
    of source: HistogramColumns, at index: Int, hint: CounterResetHint,
    continuing previous: HistogramAppender
  ) -> HistogramColumns.ResetHeader {
    let own = header(of: hint)
    guard own == .unknown, previous.count > 0 else { return own }
    let conflict = previous.counterConflict(source, index, hint)
    if source.isFloat { return conflict == .reset ? .reset : .notReset }
    return conflict ?? .notReset
  }

  /// Forgets the chunk under way and keeps the memory.
  public mutating func removeAll() {
    let isFloat = columns.isFloat
    columns.removeAll()
    columns.isFloat = isFloat
  }

  private static func header(of hint: CounterResetHint) -> HistogramColumns.ResetHeader {
    switch hint {
    case .gauge: .gauge
    case .reset: .reset
    case .unknown, .notReset: .unknown
    }
  }

  /// Appends a row whose layout is the chunk's, or a stale one.
  private mutating func appendRow(_ source: HistogramColumns, _ index: Int) {
    if source.isStale(at: index) {
      columns.appendStale(source, index)
    } else {
      let width = columns.bucketCount
      columns.appendFields(source, index)
      columns.buckets.append(contentsOf: source.buckets[index * width..<(index + 1) * width])
    }
  }

  // MARK: Rules

  /// Why a sample cannot follow: the header of the chunk that must begin; nil when it can.
  func conflict(
    _ source: HistogramColumns, _ index: Int, _ hint: CounterResetHint
  ) -> HistogramColumns.ResetHeader? {
    guard hint == .gauge else { return counterConflict(source, index, hint) }
    guard columns.resetHeader == .gauge else { return .gauge }
    if source.isStale(at: index) { return nil }
    let isSame =
      !columns.isStale(at: count - 1) && columns.layout.hasSameScale(as: source.layout)
    return isSame ? nil : .gauge
  }

  private func counterConflict(
    _ source: HistogramColumns, _ index: Int, _ hint: CounterResetHint
  ) -> HistogramColumns.ResetHeader? {
    // An integer chunk behind a gauge says that it compared; a float one says nothing.
    if columns.resetHeader == .gauge { return source.isFloat ? .unknown : .notReset }
    if hint == .reset { return .reset }
    if source.isStale(at: index) { return nil }
    let last = count - 1
    if columns.isStale(at: last) { return .unknown }
    if columns.isCountLess(source.counts[index], than: columns.counts[last]) { return .reset }
    guard
      source.layout.schema == columns.layout.schema,
      source.layout.hasSameThreshold(as: columns.layout)
    else { return .unknown }
    if !source.layout.hasSameBounds(as: columns.layout) { return .reset }
    if columns.isCountLess(source.zeroCounts[index], than: columns.zeroCounts[last]) {
      return .reset
    }
    return hasReset(source, index) ? .reset : nil
  }

  /// Whether a bucket of the last sample is smaller in this one, or in use and gone.
  private func hasReset(_ source: HistogramColumns, _ index: Int) -> Bool {
    let old = columns.buckets(at: count - 1)
    let new = source.buckets(at: index)
    if source.layout == columns.layout {
      return zip(new.positive, old.positive).contains { columns.isBucketLess($0, than: $1) }
        || zip(new.negative, old.negative).contains { columns.isBucketLess($0, than: $1) }
    }
    return hasReset(
      old.positive, columns.layout.positiveSpans, new.positive, source.layout.positiveSpans)
      || hasReset(
        old.negative, columns.layout.negativeSpans, new.negative, source.layout.negativeSpans)
  }

  private func hasReset(
    _ old: ArraySlice<UInt64>, _ oldSpans: [HistogramLayout.Span],
    _ new: ArraySlice<UInt64>, _ newSpans: [HistogramLayout.Span]
  ) -> Bool {
    let union = BucketUnion(oldSpans, newSpans)
    var values = [UInt64](repeating: 0, count: union.indices.count)
    for (place, value) in zip(union.newPlaces, new) { values[place] = value }
    return zip(union.oldPlaces, old).contains { place, value in
      columns.isBucketLess(values[place], than: value)
    }
  }

  // MARK: Widening

  private mutating func appendWidened(_ source: HistogramColumns, _ index: Int, isGauge: Bool) {
    let positive = BucketUnion(columns.layout.positiveSpans, source.layout.positiveSpans)
    let negative = BucketUnion(columns.layout.negativeSpans, source.layout.negativeSpans)
    if positive.addsToOld || negative.addsToOld {
      columns.widen(positive: positive, negative: negative)
      let isSampleWidened = positive.addsToNew || negative.addsToNew
      // The spans stay as they were written where they already name all buckets.
      columns.layout.positiveSpans = Self.spans(
        positive, source.layout.positiveSpans, isSampleWidened, isGauge)
      columns.layout.negativeSpans = Self.spans(
        negative, source.layout.negativeSpans, isSampleWidened, isGauge)
    }
    columns.appendFields(source, index)
    let buckets = source.buckets(at: index)
    columns.appendBuckets(buckets.positive, at: positive.newPlaces, of: positive.indices.count)
    columns.appendBuckets(buckets.negative, at: negative.newPlaces, of: negative.indices.count)
  }

  private static func spans(
    _ union: BucketUnion, _ sample: [HistogramLayout.Span], _ isSampleWidened: Bool,
    _ isGauge: Bool
  ) -> [HistogramLayout.Span] {
    guard isSampleWidened, isGauge || union.addsToNew else { return sample }
    return [HistogramLayout.Span](indices: union.indices)
  }
}
