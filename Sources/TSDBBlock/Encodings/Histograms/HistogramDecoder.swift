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
  /// - Complexity: one to five nanoseconds a bucket; nothing is allocated once `columns` has held a
  ///   chunk as large.
  public static func decode(
    _ bytes: RawSpan, _ payload: Range<Int>, encoding: ChunkEncoding,
    into columns: inout HistogramColumns
  ) throws(DecodeError) {
    var decoded = 0
    // Until then the columns keep their length: what is overwritten need not be cleared.
    defer { columns.keepFirst(decoded) }
    columns.layout.removeAll()
    guard payload.lowerBound >= 0, payload.upperBound <= bytes.byteCount else { throw .truncated }
    let head = try HistogramChunkHead(bytes.extracting(payload), encoding)
    columns.resetHeader = head.resetHeader
    columns.isFloat = head.isFloat
    guard head.count > 0 else { return }
    var bits = BitReader(
      bytes, payload.lowerBound &+ HistogramChunkHead.byteCount..<payload.upperBound)
    try columns.layout.decode(&bits)
    let (positive, width) = (columns.layout.positiveBucketCount, columns.bucketCount)
    let rows = Self.rowLimit(width, (bits.end &- bits.position) / 4)
    columns.resize(Swift.min(head.count, rows), hasStarts: head.startHeader != nil)
    if head.isFloat {
      columns.windows.removeAll(keepingCapacity: true)
      columns.windows.append(contentsOf: repeatElement(XORWindow(), count: width))
      try FloatHistogramState(width: width, head).readSamples(
        bits, &columns.timestamps, &columns.starts, &columns.counts, &columns.zeroCounts,
        &columns.sums, &columns.buckets, &columns.windows, &decoded)
    } else {
      try IntegerHistogramState(positive: positive, width: width, head).readSamples(
        bits, &columns.timestamps, &columns.starts, &columns.counts, &columns.zeroCounts,
        &columns.sums, &columns.buckets, &decoded)
    }
    guard decoded == head.count else { throw .truncated }
    columns.reduceReservedSchema()
  }

  /// Replaces what `columns` holds with the samples of a chunk, given its data alone.
  public static func decode(
    _ payload: RawSpan, encoding: ChunkEncoding, into columns: inout HistogramColumns
  ) throws(DecodeError) {
    try decode(payload, 0..<payload.byteCount, encoding: encoding, into: &columns)
  }

  /// How many samples there can be at most in so many times four bits, the least that one takes.
  ///
  /// A stale sample has no bits for its buckets, but zeros in the columns: a few bytes could ask
  /// for any amount of memory.
  private static func rowLimit(_ width: Int, _ smallest: Int) -> Int {
    let largestTotal = Swift.max(smallest &* 4, 1 << 22)
    return Swift.min(smallest &+ 1, largestTotal / Swift.max(width, 1) &+ 1)
  }
}

/// What stands before the layout of a histogram chunk.
struct HistogramChunkHead {
  static let byteCount = 3

  var count: Int
  var resetHeader: HistogramColumns.ResetHeader
  var isFloat: Bool
  /// Of encodings with start timestamps.
  var startHeader: UInt8?

  init(_ payload: RawSpan, _ encoding: ChunkEncoding) throws(DecodeError) {
    var decoder = ByteDecoder(payload)
    let first = try decoder.uint16()
    let second = try decoder.uint8()
    let flags: UInt8
    switch encoding {
    case .histogram, .floatHistogram:
      flags = second >> 6
      count = Int(first)
    case .histogramST, .floatHistogramST:
      flags = UInt8(truncatingIfNeeded: first >> 14)
      count = Int(first & 0x3FFF)
      startHeader = second
    default: throw .malformed
    }
    resetHeader = HistogramColumns.ResetHeader(rawValue: flags) ?? .unknown
    isFloat = encoding == .floatHistogram || encoding == .floatHistogramST
  }
}

extension HistogramColumns {
  /// Makes room for samples that will all be written; what the columns hold then has no meaning.
  fileprivate mutating func resize(_ rows: Int, hasStarts: Bool) {
    timestamps.resize(rows, filler: 0)
    starts.resize(hasStarts ? rows : 0, filler: 0)
    counts.resize(rows, filler: 0)
    zeroCounts.resize(rows, filler: 0)
    sums.resize(rows, filler: 0)
    buckets.resize(rows * bucketCount, filler: 0)
  }

  /// Removes all samples but the first ones.
  fileprivate mutating func keepFirst(_ rows: Int) {
    guard timestamps.count != rows else { return }
    resize(rows, hasStarts: !starts.isEmpty)
  }
}

extension Array {
  fileprivate mutating func resize(_ length: Int, filler: Element) {
    if count > length {
      removeLast(count - length)
    } else if count < length {
      append(contentsOf: repeatElement(filler, count: length - count))
    }
  }
}
