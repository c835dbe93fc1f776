/// How the samples of a chunk are written: the byte between a record's length and its data.
///
/// Any value can stand on disk, so an unknown one is a value like the others that no decoder
/// takes.
public struct ChunkEncoding: RawRepresentable, Hashable, Sendable {
  /// The byte on disk.
  public let rawValue: UInt8

  /// The encoding of a byte, known or not.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  // On disk, never renumber.

  /// Floats, Gorilla style; what every Prometheus writes by default.
  public static let xor = ChunkEncoding(rawValue: 1)
  /// Native histograms with integer counts.
  public static let histogram = ChunkEncoding(rawValue: 2)
  /// Native histograms with float counts.
  public static let floatHistogram = ChunkEncoding(rawValue: 3)
  /// Floats with cheaper stale markers and optional start timestamps.
  public static let xor2 = ChunkEncoding(rawValue: 4)
  /// ``histogram`` with start timestamps.
  public static let histogramST = ChunkEncoding(rawValue: 5)
  /// ``floatHistogram`` with start timestamps.
  public static let floatHistogramST = ChunkEncoding(rawValue: 6)
  /// Thanos' container of up to five chunks of a downsampled series, see ``AggregateChunk``.
  public static let aggregate = ChunkEncoding(rawValue: 0xFF)

  /// The encodings a block may hold, in the order of their bytes.
  public static let known: [ChunkEncoding] = [
    .xor, .histogram, .floatHistogram, .xor2, .histogramST, .floatHistogramST, .aggregate,
  ]
}

extension ChunkEncoding: CustomStringConvertible {
  /// The name Prometheus uses in messages and metrics; `unknown (7)` for a byte without one.
  public var name: String {
    switch self {
    case .xor: "XOR"
    case .histogram: "histogram"
    case .floatHistogram: "floathistogram"
    case .xor2: "XOR2"
    case .histogramST: "histogramST"
    case .floatHistogramST: "floathistogramST"
    case .aggregate: "aggregate"
    default: "unknown (\(rawValue))"
    }
  }

  /// The ``name``.
  public var description: String { name }

  /// Whether a block may hold it, see ``known``.
  public var isKnown: Bool { Self.known.contains(self) }
}

extension ChunkEncoding {
  /// How many samples the chunk says it holds. Reads at most the first bytes of `payload`.
  ///
  /// For ``aggregate`` it is the count of the count aggregate, 0 when that is absent.
  public func sampleCount(of payload: RawSpan) throws(DecodeError) -> Int {
    var decoder = ByteDecoder(payload)
    switch self {
    case .histogramST, .floatHistogramST:
      // The upper two bits are the counter reset flags.
      return Int(try decoder.uint16() & 0x3FFF)
    case .aggregate:
      guard let part = try AggregateChunk(payload)[.count] else { return 0 }
      guard part.encoding != .aggregate else { throw .malformed }
      return try part.encoding.sampleCount(of: payload.extracting(part.range))
    default:
      guard isKnown else { throw .malformed }
      return Int(try decoder.uint16())
    }
  }
}
