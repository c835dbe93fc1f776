/// A chunk of a series that Thanos has downsampled: up to five chunks in one.
///
///     ┌ count ┬ sum ┬ min ┬ max ┬ counter ┐     each: length uvarint, and unless that is 0
///                                                     encoding u8, `length` bytes
///
/// The length does not count the encoding byte. Aggregates missing at the end, even without their
/// zero length, read as absent; Thanos' own reader refuses those.
public struct AggregateChunk: Equatable, Sendable {
  /// On disk this is the order; never reorder.
  public enum Kind: Int, CaseIterable, Sendable {
    /// How many samples a window had.
    case count
    /// Their sum.
    case sum
    /// The smallest.
    case min
    /// The largest.
    case max
    /// The last value of each window, counted on over resets; behind the last window the true last
    /// value once more.
    case counter
  }

  /// One aggregate's chunk within the payload it was split from.
  public struct Part: Equatable, Sendable {
    /// How its samples are written.
    public var encoding: ChunkEncoding
    /// Where its data lie in the payload.
    public var range: Range<Int>
  }

  private var count: Part?
  private var sum: Part?
  private var min: Part?
  private var max: Part?
  private var counter: Part?

  /// Splits the data of a chunk. Decodes nothing.
  public init(_ payload: RawSpan) throws(DecodeError) {
    var decoder = ByteDecoder(payload)
    count = try Self.part(&decoder)
    sum = try Self.part(&decoder)
    min = try Self.part(&decoder)
    max = try Self.part(&decoder)
    counter = try Self.part(&decoder)
  }

  /// The chunk of an aggregate, or nil when it is absent.
  public subscript(kind: Kind) -> Part? {
    switch kind {
    case .count: count
    case .sum: sum
    case .min: min
    case .max: max
    case .counter: counter
    }
  }

  private static func part(_ decoder: inout ByteDecoder) throws(DecodeError) -> Part? {
    guard decoder.remaining > 0 else { return nil }
    let length = try decoder.count()
    guard length > 0 else { return nil }
    let encoding = ChunkEncoding(rawValue: try decoder.uint8())
    let start = decoder.position
    try decoder.skip(length)
    return Part(encoding: encoding, range: start..<start + length)
  }
}
