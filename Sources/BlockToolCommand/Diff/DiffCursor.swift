internal import TSDBBlock

/// A sample where it stands.
struct DiffSample {
  var run: DiffRun
  var index: Int

  var time: Int64 { run.columns.timestamps[index] }
  var isFloat: Bool { run.columns.kind == .floats }
  /// Bits of a float; of a histogram its sum.
  var bits: UInt64 {
    isFloat ? run.columns.floats.values[index] : run.columns.histograms.sums[index]
  }
}

/// A position among the samples of a series: in order of time, the aggregates one after the other.
struct DiffCursor {
  /// What is compared first.
  struct Key: Comparable {
    var kind: Int
    var time: Int64

    static func < (left: Key, right: Key) -> Bool {
      (left.kind, left.time) < (right.kind, right.time)
    }
  }

  private var runs: [DiffRun]
  private var position = 0
  private var index = 0
  private(set) var key = Key(kind: 0, time: 0)

  init(_ runs: [DiffRun]) {
    self.runs = runs
    // Chunks follow each other in time, and each has all aggregates.
    self.runs.sort { Self.rank($0) < Self.rank($1) }
    refresh()
  }

  var hasSample: Bool { position < runs.count }
  var sample: DiffSample { DiffSample(run: runs[position], index: index) }

  mutating func advance() {
    index += 1
    if index == runs[position].columns.count {
      index = 0
      position += 1
    }
    refresh()
  }

  private mutating func refresh() {
    guard hasSample else { return }
    key = Key(kind: Self.rank(runs[position]), time: runs[position].columns.timestamps[index])
  }

  private static func rank(_ run: DiffRun) -> Int { run.kind.map { $0.rawValue + 1 } ?? 0 }

  /// Whether both samples are the same bit by bit. Of histograms the buckets that count something
  /// are compared: which empty ones stand between them depends on the rest of the chunk.
  func isEqual(to other: DiffCursor) -> Bool {
    let (l, r) = (runs[position].columns, other.runs[other.position].columns)
    guard l.kind == r.kind else { return false }
    if l.kind == .floats { return l.floats.values[index] == r.floats.values[other.index] }
    return Self.areEqual(l.histograms, index, r.histograms, other.index)
  }

  private static func areEqual(
    _ left: HistogramColumns, _ l: Int, _ right: HistogramColumns, _ r: Int
  ) -> Bool {
    if left.isStale(at: l) || right.isStale(at: r) {
      return left.isStale(at: l) == right.isStale(at: r)
    }
    guard
      left.layout.schema == right.layout.schema,
      left.layout.zeroThreshold == right.layout.zeroThreshold,
      left.layout.customBounds == right.layout.customBounds, left.counts[l] == right.counts[r],
      left.zeroCounts[l] == right.zeroCounts[r], left.sums[l] == right.sums[r]
    else { return false }
    let (ours, theirs) = (left.buckets(at: l), right.buckets(at: r))
    if left.layout == right.layout {
      return ours.positive.elementsEqual(theirs.positive)
        && ours.negative.elementsEqual(theirs.negative)
    }
    return filled(left.layout.positiveRanges, ours.positive)
      == filled(right.layout.positiveRanges, theirs.positive)
      && filled(left.layout.negativeRanges, ours.negative)
        == filled(right.layout.negativeRanges, theirs.negative)
  }

  private struct Bucket: Equatable {
    var range: HistogramBucketRange
    var count: UInt64
  }

  private static func filled(
    _ ranges: [HistogramBucketRange], _ counts: ArraySlice<UInt64>
  ) -> [Bucket] {
    zip(ranges, counts).filter { $1 != 0 }.map { Bucket(range: $0, count: $1) }
  }
}
