/// Decodes the four encodings of native histograms (Prometheus `histogram.go`,
/// `float_histogram.go`):
///
///     2, 3   ┌ count u16                        ┬ flags u8        ┬ layout ┬ sample* ┐
///     5, 6   ┌ flags 2 bits, count 14 bits      ┬ start header u8 ┬ layout ┬ sample* ┐
///
/// The two flags are the ``HistogramColumns/ResetHeader``. Integer samples (2, 5):
///
///     first   variable bits t · unsigned count · unsigned zero count · 64 bits sum · buckets
///     then    variable bits: change of the distance of t, count, zero count ·
///             XORed sum · per bucket, change of its distance
///
/// where a bucket is the difference to the one before it. Float samples (3, 6) have absolute values
/// in 64 bits first and XORed ones then. A stale sample has no buckets, and only stale ones follow
/// it. Encodings 5 and 6 have the start timestamp behind each sample.
public enum HistogramDecoder {
  /// Replaces what `columns` holds with the samples of the chunk whose data is `payload`.
  ///
  /// - Throws: `truncated` when it holds fewer samples than it counts, `malformed` for a schema no
  ///   Prometheus knows. The whole samples before that are kept.
  public static func decode(
    _ bytes: RawSpan, _ payload: Range<Int>, encoding: ChunkEncoding,
    into columns: inout HistogramColumns
  ) throws(DecodeError) {
    columns.removeAll()
    guard payload.lowerBound >= 0, payload.upperBound <= bytes.byteCount else { throw .truncated }
    var head = ByteDecoder(bytes.extracting(payload))
    let first = try head.uint16()
    let second = try head.uint8()
    let hasStarts: Bool
    switch encoding {
    case .histogram, .floatHistogram: hasStarts = false
    case .histogramST, .floatHistogramST: hasStarts = true
    default: throw .malformed
    }
    let flags = hasStarts ? UInt8(truncatingIfNeeded: first >> 14) : second >> 6
    let count = Int(hasStarts ? first & 0x3FFF : first)
    columns.resetHeader = HistogramColumns.ResetHeader(rawValue: flags) ?? .unknown
    columns.isFloat = encoding == .floatHistogram || encoding == .floatHistogramST
    guard count > 0 else { return }
    var bits = BitReader(bytes, payload.lowerBound &+ head.position..<payload.upperBound)
    columns.layout = try HistogramLayout(&bits)
    let starts = hasStarts ? StartTimestampReader(header: second) : nil
    do throws(DecodeError) {
      if columns.isFloat {
        var state = FloatHistogramState(bucketCount: columns.bucketCount)
        try decodeSamples(&bits, count, starts, &state, into: &columns)
      } else {
        var state = IntegerHistogramState(
          positive: columns.layout.positiveBucketCount,
          negative: columns.layout.negativeBucketCount)
        try decodeSamples(&bits, count, starts, &state, into: &columns)
      }
    } catch {
      columns.dropPartialSample()
      throw error
    }
    columns.reduceReservedSchema()
  }

  public static func decode(
    _ payload: RawSpan, encoding: ChunkEncoding, into columns: inout HistogramColumns
  ) throws(DecodeError) {
    try decode(payload, 0..<payload.byteCount, encoding: encoding, into: &columns)
  }

  private static func decodeSamples(
    _ bits: inout BitReader, _ count: Int, _ starts: StartTimestampReader?,
    _ state: inout some HistogramState, into columns: inout HistogramColumns
  ) throws(DecodeError) {
    var starts = starts
    var time: Int64 = 0
    var delta: Int64 = 0
    for index in 0..<count {
      let previousTime = time
      if index == 0 {
        time = bits.readVariableSigned()
      } else {
        delta &+= bits.readVariableSigned()
        time &+= delta
      }
      try state.read(&bits, isFirst: index == 0, into: &columns)
      if index == 0 {
        try starts?.readFirst(&bits, time: time)
      } else {
        starts?.readNext(&bits, index: index, previousTime: previousTime)
      }
      guard !bits.isPastEnd else { throw .truncated }
      columns.timestamps.append(time)
      if let starts { columns.starts.append(starts.current) }
    }
  }
}

/// What the next histogram is relative to, and how it is read.
private protocol HistogramState {
  /// Appends counts, sum and buckets of a sample.
  mutating func read(
    _ bits: inout BitReader, isFirst: Bool, into columns: inout HistogramColumns
  ) throws(DecodeError)
}

private struct IntegerHistogramState: HistogramState {
  private let positive: Int
  private var count: Int64 = 0
  private var countDelta: Int64 = 0
  private var zeroCount: Int64 = 0
  private var zeroDelta: Int64 = 0
  private var sum: UInt64 = 0
  private var window = XORWindow()
  private var buckets: [Int64]
  private var bucketDeltas: [Int64]

  init(positive: Int, negative: Int) {
    self.positive = positive
    buckets = [Int64](repeating: 0, count: positive + negative)
    bucketDeltas = buckets
  }

  mutating func read(
    _ bits: inout BitReader, isFirst: Bool, into columns: inout HistogramColumns
  ) throws(DecodeError) {
    if isFirst {
      count = Int64(bitPattern: bits.readVariableUnsigned())
      zeroCount = Int64(bitPattern: bits.readVariableUnsigned())
      sum = bits.read(64)
    } else {
      countDelta &+= bits.readVariableSigned()
      count &+= countDelta
      zeroDelta &+= bits.readVariableSigned()
      zeroCount &+= zeroDelta
      try window.read(&sum, &bits)
    }
    guard !bits.isPastEnd else { throw .truncated }
    columns.sums.append(sum)
    guard sum != SampleValue.staleMarker else {
      columns.counts.append(0)
      columns.zeroCounts.append(0)
      columns.buckets.append(contentsOf: repeatElement(0, count: buckets.count))
      return
    }
    columns.counts.append(UInt64(bitPattern: count))
    columns.zeroCounts.append(UInt64(bitPattern: zeroCount))
    var absolute: Int64 = 0
    for index in 0..<buckets.count {
      if isFirst {
        buckets[index] = bits.readVariableSigned()
      } else {
        bucketDeltas[index] &+= bits.readVariableSigned()
        buckets[index] &+= bucketDeltas[index]
      }
      absolute = index == positive ? buckets[index] : absolute &+ buckets[index]
      columns.buckets.append(UInt64(bitPattern: absolute))
    }
  }
}

private struct FloatHistogramState: HistogramState {
  /// Count, zero count, sum, then the buckets.
  private var values: [UInt64]
  private var windows: [XORWindow]

  init(bucketCount: Int) {
    values = [UInt64](repeating: 0, count: bucketCount + 3)
    windows = [XORWindow](repeating: XORWindow(), count: bucketCount + 3)
  }

  mutating func read(
    _ bits: inout BitReader, isFirst: Bool, into columns: inout HistogramColumns
  ) throws(DecodeError) {
    for index in 0..<3 { try read(&bits, index, isFirst) }
    guard !bits.isPastEnd else { throw .truncated }
    columns.sums.append(values[2])
    guard values[2] != SampleValue.staleMarker else {
      columns.counts.append(0)
      columns.zeroCounts.append(0)
      columns.buckets.append(contentsOf: repeatElement(0, count: values.count - 3))
      return
    }
    columns.counts.append(values[0])
    columns.zeroCounts.append(values[1])
    for index in 3..<values.count {
      try read(&bits, index, isFirst)
      columns.buckets.append(values[index])
    }
  }

  @inline(__always)
  private mutating func read(
    _ bits: inout BitReader, _ index: Int, _ isFirst: Bool
  ) throws(DecodeError) {
    if isFirst {
      values[index] = bits.read(64)
    } else {
      try windows[index].read(&values[index], &bits)
    }
  }
}

extension HistogramColumns {
  /// Cuts every column to the samples whose time was read.
  fileprivate mutating func dropPartialSample() {
    sums.removeLast(sums.count - count)
    counts.removeLast(counts.count - count)
    zeroCounts.removeLast(zeroCounts.count - count)
    buckets.removeLast(buckets.count - count * bucketCount)
  }
}
