/// The samples of one chunk as columns, whatever its encoding.
///
/// Meant to be reused: decoding chunk after chunk into one value keeps the memory.
public struct ChunkColumns: Sendable {
  /// What the samples of a chunk are.
  public enum Kind: Sendable {
    /// Floats.
    case floats
    /// Histograms whose counts are integers.
    case integerHistograms
    /// Histograms whose counts are doubles.
    case floatHistograms
  }

  /// Which of the two columns below holds the samples.
  public private(set) var kind = Kind.floats
  /// The samples when they are floats, else empty.
  public internal(set) var floats = SampleColumns()
  /// The samples when they are histograms, else empty.
  public internal(set) var histograms = HistogramColumns()

  /// No samples.
  public init() {}

  /// Float samples.
  public init(_ floats: SampleColumns) {
    self.floats = floats
  }

  /// Histograms, which all have the same buckets.
  public init(_ histograms: HistogramColumns) {
    kind = histograms.isFloat ? .floatHistograms : .integerHistograms
    self.histograms = histograms
  }

  /// Number of samples.
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
    removeAll()
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

  /// Removes the samples and keeps the memory.
  public mutating func removeAll() {
    // The other columns are empty already.
    if kind == .floats { floats.removeAll() } else { histograms.removeAll() }
    kind = .floats
  }
}
