/// Encodes samples of any kind as one chunk.
///
/// One value serves many chunks and keeps the memory of the encoders behind it.
public struct ChunkEncoder: Sendable {
  private var xor = XOREncoder()
  private var histogram = HistogramEncoder()

  /// An encoder that has no memory yet.
  public init() {}

  /// Appends the bytes of a chunk with the samples `range` of `columns`.
  ///
  /// - Parameters:
  ///   - columns: what holds the samples.
  ///   - range: positions of the samples.
  ///   - encoding: one of those of the columns' kind. Without start times in it, those of the
  ///     columns are left out.
  ///   - output: gets the bytes behind what it holds.
  /// - Precondition: the encoding fits the kind and can count the samples.
  public mutating func encode(
    _ columns: ChunkColumns, _ range: Range<Int>, encoding: ChunkEncoding,
    appendingTo output: inout [UInt8]
  ) {
    switch encoding {
    case .xor: encode(columns.floats, range, appendingTo: &output)
    case .xor2: Self.encodeXOR2(columns.floats, range, appendingTo: &output)
    default:
      histogram.encode(columns.histograms, range, encoding: encoding, appendingTo: &output)
    }
  }

  /// Appends the bytes of an XOR chunk.
  public mutating func encode(
    _ samples: SampleColumns, _ range: Range<Int>, appendingTo output: inout [UInt8]
  ) {
    xor.encode(
      samples.timestamps.span.extracting(range), samples.values.span.extracting(range),
      appendingTo: &output)
  }

  /// Appends the bytes of a histogram chunk of `encoding`.
  public mutating func encode(
    _ samples: HistogramColumns, _ range: Range<Int>, encoding: ChunkEncoding,
    appendingTo output: inout [UInt8]
  ) {
    histogram.encode(samples, range, encoding: encoding, appendingTo: &output)
  }

  static func encodeXOR2(
    _ samples: SampleColumns, _ range: Range<Int>, appendingTo output: inout [UInt8]
  ) {
    var encoder = XOR2Encoder()
    for index in range {
      encoder.append(
        timestamp: samples.timestamps[index], valueBits: samples.values[index],
        start: samples.starts.isEmpty ? 0 : samples.starts[index])
    }
    output.append(contentsOf: encoder.finish())
  }
}

extension ChunkEncoding {
  /// The encoding of the same samples that every reader knows: without start times, and XOR.
  public var withoutStartTimestamps: ChunkEncoding {
    switch self {
    case .xor2: .xor
    case .histogramST: .histogram
    case .floatHistogramST: .floatHistogram
    default: self
    }
  }
}
