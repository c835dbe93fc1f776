/// The samples of one chunk as columns, whatever its encoding.
///
/// Meant to be reused: decoding chunk after chunk into one value keeps the memory.
public struct ChunkColumns: Sendable {
  public enum Kind: Sendable {
    case floats
    case integerHistograms
    case floatHistograms
  }

  /// Which of the two columns below holds the samples.
  public private(set) var kind = Kind.floats
  public internal(set) var floats = SampleColumns()
  public internal(set) var histograms = HistogramColumns()

  public init() {}

  public var count: Int { kind == .floats ? floats.count : histograms.count }

  /// Milliseconds since 1970, in the order stored.
  public var timestamps: [Int64] { kind == .floats ? floats.timestamps : histograms.timestamps }

  /// Replaces the samples by those of the chunk whose data is `payload`, a range of `bytes`.
  ///
  /// - Throws: `unsupported` for aggregates, which are up to five chunks (see ``AggregateChunk``),
  ///   and for unknown encodings; else as the decoders do. What was decoded before that is kept.
  public mutating func decode(
    _ bytes: RawSpan, _ payload: Range<Int>, encoding: ChunkEncoding
  ) throws(DecodeError) {
    floats.removeAll()
    histograms.removeAll()
    switch encoding {
    case .xor:
      kind = .floats
      try XORDecoder.decode(bytes, payload, into: &floats)
    case .xor2:
      kind = .floats
      try XOR2Decoder.decode(bytes, payload, into: &floats)
    case .histogram, .histogramST:
      kind = .integerHistograms
      try HistogramDecoder.decode(bytes, payload, encoding: encoding, into: &histograms)
    case .floatHistogram, .floatHistogramST:
      kind = .floatHistograms
      try HistogramDecoder.decode(bytes, payload, encoding: encoding, into: &histograms)
    default:
      kind = .floats
      throw .unsupported
    }
  }

  /// Removes the samples within closed ranges of time.
  mutating func remove(_ ranges: [ClosedRange<Int64>]) {
    let kept = timestamps.indices.filter { index in
      let time = timestamps[index]
      return !ranges.contains { $0.contains(time) }
    }
    if kind == .floats { floats.keep(kept) } else { histograms.keep(kept) }
  }
}

extension SampleColumns {
  /// Leaves only the samples at `indices`, which increase.
  fileprivate mutating func keep(_ indices: [Int]) {
    timestamps = indices.map { timestamps[$0] }
    values = indices.map { values[$0] }
    if !starts.isEmpty { starts = indices.map { starts[$0] } }
  }
}

extension HistogramColumns {
  fileprivate mutating func keep(_ indices: [Int]) {
    let width = bucketCount
    timestamps = indices.map { timestamps[$0] }
    counts = indices.map { counts[$0] }
    zeroCounts = indices.map { zeroCounts[$0] }
    sums = indices.map { sums[$0] }
    if !starts.isEmpty { starts = indices.map { starts[$0] } }
    buckets = indices.flatMap { buckets[$0 * width..<($0 + 1) * width] }
  }
}
