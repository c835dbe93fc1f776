/// Which buckets the histograms of a chunk have; written once at its head.
///
///     zero threshold   8 bits: 0 → 0.0 · 255 → the double in 64 bits · b → 0.5·2^(b−243)
///     schema           variable bits
///     positive spans   variable bits n · n × (variable bits length, variable bits offset)
///     negative spans   likewise
///     custom bounds    only if schema is −53: variable bits n · n × x,
///                      x > 0 → (x−1)/1000 · x = 0 → the double in 64 bits
public struct HistogramLayout: Equatable, Sendable {
  /// A run of buckets.
  public struct Span: Hashable, Sendable {
    /// Distance from the end of the span before; of the first one, its first bucket's index.
    public var offset: Int32
    /// Buckets.
    public var length: UInt32

    /// A run of `length` buckets behind a gap of `offset`.
    public init(offset: Int32, length: UInt32) {
      self.offset = offset
      self.length = length
    }
  }

  /// Resolution of the exponential buckets, −4 (coarse) to 8; ``customSchema`` for given bounds.
  public var schema: Int32 = 0
  /// Bits of the upper bound of the zero bucket.
  public var zeroThreshold: UInt64 = 0
  /// The runs of buckets of positive values.
  public var positiveSpans: [Span] = []
  /// The runs of buckets of negative values.
  public var negativeSpans: [Span] = []
  /// Bits of the upper bounds with ``customSchema``; the last bucket reaches to infinity.
  public var customBounds: [UInt64] = []

  // On disk, never renumber.
  /// Buckets have the upper bounds ``customBounds``.
  public static let customSchema: Int32 = -53
  static let largestSchema: Int32 = 8
  /// Schemas up to here are reserved and read at the resolution of ``largestSchema``.
  static let largestReservedSchema: Int32 = 52
  /// Schemas below −4 down to here are reserved too and read as they are.
  static let smallestReservedSchema: Int32 = -9

  /// Schema 0 without buckets.
  public init() {}

  /// Buckets of positive values.
  public var positiveBucketCount: Int { Self.bucketCount(positiveSpans) }
  /// Buckets of negative values.
  public var negativeBucketCount: Int { Self.bucketCount(negativeSpans) }

  static func bucketCount(_ spans: [Span]) -> Int {
    spans.reduce(0) { $0 + Int($1.length) }
  }

  // MARK: Decoding

  /// Replaces the layout by the one at the cursor and keeps the memory. Empty when it throws.
  mutating func decode(_ bits: inout BitReader) throws(DecodeError) {
    removeAll()
    do throws(DecodeError) {
      try decodeParts(&bits)
    } catch {
      // Spans may have claimed any number of buckets by then.
      removeAll()
      throw error
    }
  }

  private mutating func decodeParts(_ bits: inout BitReader) throws(DecodeError) {
    switch bits.read(8) {
    case 0: zeroThreshold = 0
    case 255: zeroThreshold = bits.read(64)
    case let code:
      // 0.5·2^(code−243), written as exponent bits.
      zeroThreshold = Double(sign: .plus, exponent: Int(code) - 244, significand: 1).bitPattern
    }
    let schema = bits.readVariableSigned()
    guard !bits.isPastEnd else { throw .truncated }
    guard
      schema == Int64(Self.customSchema)
        || (Int64(Self.smallestReservedSchema)...Int64(Self.largestReservedSchema)).contains(schema)
    else { throw .malformed }
    self.schema = Int32(schema)
    try Self.readSpans(&bits, into: &positiveSpans)
    try Self.readSpans(&bits, into: &negativeSpans)
    if self.schema == Self.customSchema { try Self.readBounds(&bits, into: &customBounds) }
    guard !bits.isPastEnd else { throw .truncated }
  }

  mutating func removeAll() {
    schema = 0
    zeroThreshold = 0
    positiveSpans.removeAll(keepingCapacity: true)
    negativeSpans.removeAll(keepingCapacity: true)
    customBounds.removeAll(keepingCapacity: true)
  }

  private static func readSpans(
    _ bits: inout BitReader, into spans: inout [Span]
  ) throws(DecodeError) {
    let count = bits.readVariableUnsigned()
    // A span takes at least two bits, so a count cannot promise more than what is left.
    guard count <= UInt64(Swift.max(0, bits.end - bits.position)) / 2 else { throw .truncated }
    var total: UInt64 = 0
    for _ in 0..<count {
      let length = bits.readVariableUnsigned()
      let offset = bits.readVariableSigned()
      guard !bits.isPastEnd else { throw .truncated }
      guard length <= UInt32.max, let narrow = Int32(exactly: offset) else { throw .overflow }
      total += length
      spans.append(Span(offset: narrow, length: UInt32(length)))
    }
    // Every bucket of a sample takes at least one bit.
    guard total <= UInt64(Swift.max(0, bits.end - bits.position)) else { throw .truncated }
  }

  private static func readBounds(
    _ bits: inout BitReader, into bounds: inout [UInt64]
  ) throws(DecodeError) {
    let count = bits.readVariableUnsigned()
    guard count <= UInt64(Swift.max(0, bits.end - bits.position)) else { throw .truncated }
    for _ in 0..<count {
      let code = bits.readVariableUnsigned()
      guard !bits.isPastEnd else { throw .truncated }
      bounds.append(code == 0 ? bits.read(64) : (Double(code - 1) / 1000).bitPattern)
    }
  }
}
