/// Encodes native histograms (the picture is in ``HistogramDecoder``), byte for byte as Prometheus
/// does.
///
/// One encoder serves many chunks and keeps its memory. ``HistogramAppender`` decides which samples
/// may share a chunk.
public struct HistogramEncoder: Sendable {
  /// What the count of encodings 2 and 3 can say, and of 5 and 6.
  public static let maxSampleCount = 65_535
  /// What the count of encodings 5 and 6 can say.
  public static let maxSampleCountWithStarts = 16_383

  private var bits = BitWriter()
  /// Of each bucket: its difference to the neighbour and the last change of that.
  private var buckets: [Int64] = []
  private var bucketDeltas: [Int64] = []
  /// Of count, zero count, sum and each bucket.
  private var values: [UInt64] = []
  private var windows: [XORWindowWriter] = []

  /// An encoder that has no memory yet.
  public init() {}

  /// Appends the bytes of a chunk with the samples `range` of `columns`.
  ///
  /// A chunk of nothing but stale samples gets an empty layout, as Prometheus writes it. Encodings
  /// with start times take those of the columns, 0 (unknown) where there are none.
  ///
  /// - Parameters:
  ///   - columns: what holds the samples.
  ///   - range: positions of the samples.
  ///   - encoding: ``ChunkEncoding/histogram`` or ``ChunkEncoding/histogramST`` for integer columns,
  ///     the float ones for float columns.
  ///   - output: gets the bytes behind what it holds.
  /// - Precondition: the encoding fits the columns and can count the samples.
  /// - Complexity: O(samples · buckets); nothing is allocated once the encoder has grown.
  public mutating func encode(
    _ columns: HistogramColumns, _ range: Range<Int>, encoding: ChunkEncoding,
    appendingTo output: inout [UInt8]
  ) {
    let hasStarts = encoding == .histogramST || encoding == .floatHistogramST
    precondition(
      columns.isFloat == (encoding == .floatHistogram || encoding == .floatHistogramST)
        && (columns.isFloat || hasStarts || encoding == .histogram), "the encoding does not fit")
    precondition(
      range.count <= (hasStarts ? Self.maxSampleCountWithStarts : Self.maxSampleCount),
      "a chunk cannot count so many samples")
    bits.removeAll()
    var starts = StartTimestampWriter()
    if !range.isEmpty {
      let isStale = range.allSatisfy { columns.isStale(at: $0) }
      (isStale ? HistogramLayout() : columns.layout).encode(to: &bits)
      resetState(bucketCount: isStale ? 0 : columns.bucketCount, columns.isFloat)
    }
    var time: Int64 = 0
    var delta: Int64 = 0
    for (index, sample) in range.enumerated() {
      let previousTime = time
      let newTime = columns.timestamps[sample]
      if index == 0 {
        bits.appendVariable(newTime)
      } else {
        let newDelta = newTime &- time
        bits.appendVariable(newDelta &- delta)
        delta = newDelta
      }
      time = newTime
      if columns.isFloat {
        appendFloat(columns, sample, isFirst: index == 0)
      } else {
        appendInteger(columns, sample, isFirst: index == 0)
      }
      guard hasStarts else { continue }
      let start = columns.starts.isEmpty ? 0 : columns.starts[sample]
      if index == 0 {
        starts.appendFirst(start, time: time, to: &bits)
      } else {
        starts.appendNext(start, index: index, previousTime: previousTime, to: &bits)
      }
    }
    let header = UInt16(columns.resetHeader.rawValue) << 14
    let count = UInt16(range.count)
    let first = hasStarts ? header | count : count
    output.append(UInt8(first >> 8))
    output.append(UInt8(truncatingIfNeeded: first))
    output.append(hasStarts ? starts.header : UInt8(header >> 8))
    bits.copy(appendingTo: &output)
  }

  private mutating func resetState(bucketCount: Int, _ isFloat: Bool) {
    counts = IntegerCounts()
    if isFloat {
      values.removeAll(keepingCapacity: true)
      values.append(contentsOf: repeatElement(0, count: bucketCount + 3))
      windows.removeAll(keepingCapacity: true)
      windows.append(contentsOf: repeatElement(XORWindowWriter(), count: bucketCount + 3))
    } else {
      buckets.removeAll(keepingCapacity: true)
      buckets.append(contentsOf: repeatElement(0, count: bucketCount))
      bucketDeltas.removeAll(keepingCapacity: true)
      bucketDeltas.append(contentsOf: repeatElement(0, count: bucketCount))
    }
  }

  // MARK: Integer samples

  /// The state of the fields that every integer sample has.
  private struct IntegerCounts {
    var count: Int64 = 0
    var countDelta: Int64 = 0
    var zeroCount: Int64 = 0
    var zeroDelta: Int64 = 0
    var sum: UInt64 = 0
    var window = XORWindowWriter()
  }

  private var counts = IntegerCounts()

  private mutating func appendInteger(
    _ columns: HistogramColumns, _ sample: Int, isFirst: Bool
  ) {
    let sum = columns.sums[sample]
    let isStale = sum == SampleValue.staleMarker
    let count = Int64(bitPattern: columns.counts[sample])
    let zeroCount = Int64(bitPattern: columns.zeroCounts[sample])
    if isFirst {
      bits.appendVariable(unsigned: UInt64(bitPattern: count))
      bits.appendVariable(unsigned: UInt64(bitPattern: zeroCount))
      bits.append(sum, 64)
      counts.count = count
      counts.zeroCount = zeroCount
    } else {
      // A stale sample goes on as before: nobody reads its counts.
      let countDelta = isStale ? counts.countDelta : count &- counts.count
      let zeroDelta = isStale ? counts.zeroDelta : zeroCount &- counts.zeroCount
      bits.appendVariable(countDelta &- counts.countDelta)
      bits.appendVariable(zeroDelta &- counts.zeroDelta)
      counts.window.append(sum, against: counts.sum, to: &bits)
      counts.count &+= countDelta
      counts.countDelta = countDelta
      counts.zeroCount &+= zeroDelta
      counts.zeroDelta = zeroDelta
    }
    counts.sum = sum
    guard !isStale else { return }
    let positive = columns.layout.positiveBucketCount
    let start = sample * buckets.count
    Self.appendBuckets(
      columns.buckets, start, positive: positive, isFirst: isFirst, &buckets, &bucketDeltas, &bits)
  }

  /// Appends the buckets of a sample, which stand at `start`. Makes itself their state.
  private static func appendBuckets(
    _ absolutes: [UInt64], _ start: Int, positive: Int, isFirst: Bool,
    _ differences: inout [Int64], _ changes: inout [Int64], _ bits: inout BitWriter
  ) {
    bits.reserve(bits: differences.count * VariableBits.largestSize)
    bits.write { cursor, bytes in
      let absolutes = absolutes.span
      var differences = differences.mutableSpan
      var changes = changes.mutableSpan
      var previous: UInt64 = 0
      for bucket in differences.indices {
        if bucket == positive { previous = 0 }
        let absolute = absolutes[start &+ bucket]
        let difference = Int64(bitPattern: absolute &- previous)
        previous = absolute
        if isFirst {
          cursor.appendVariable(difference, to: &bytes)
        } else {
          let change = difference &- differences[bucket]
          cursor.appendVariable(change &- changes[bucket], to: &bytes)
          changes[bucket] = change
        }
        differences[bucket] = difference
      }
    }
  }

  // MARK: Float samples

  private mutating func appendFloat(
    _ columns: HistogramColumns, _ sample: Int, isFirst: Bool
  ) {
    let isStale = columns.isStale(at: sample)
    append(columns.counts[sample], 0, isFirst)
    append(columns.zeroCounts[sample], 1, isFirst)
    append(columns.sums[sample], 2, isFirst)
    guard !isStale else { return }
    let bucketCount = values.count - 3
    let start = sample * bucketCount
    for bucket in 0..<bucketCount {
      append(columns.buckets[start + bucket], 3 + bucket, isFirst)
    }
  }

  private mutating func append(_ value: UInt64, _ field: Int, _ isFirst: Bool) {
    if isFirst {
      bits.append(value, 64)
    } else {
      windows[field].append(value, against: values[field], to: &bits)
    }
    values[field] = value
  }
}
