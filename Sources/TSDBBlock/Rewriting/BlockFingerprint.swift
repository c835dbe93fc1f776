/// What a block holds, in a few words: equal for blocks with the same chunks under the same labels,
/// in whatever order and under whatever symbol numbers they were met.
///
/// Each chunk contributes a hash of its labels, times and checksum; the hashes are added up. So the
/// inputs of a merge and its output can be compared without holding either.
///
/// As text, for programs that put one aside: four hexadecimal numbers with dashes between them.
public struct BlockFingerprint: Equatable, Sendable, LosslessStringConvertible {
  private var low: UInt64 = 0
  private var high: UInt64 = 0
  /// Chunks that were added up.
  public private(set) var chunks: UInt64 = 0
  /// Samples of these chunks.
  public private(set) var samples: UInt64 = 0

  /// Of a block without series.
  public init() {}

  /// The one that was written as `text`; nil for any other text.
  public init?(_ text: String) {
    let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map {
      UInt64($0, radix: 16)
    }
    guard numbers.count == 4, let low = numbers[0], let high = numbers[1], let chunks = numbers[2],
      let samples = numbers[3]
    else { return nil }
    (self.low, self.high, self.chunks, self.samples) = (low, high, chunks, samples)
    guard description == text else { return nil }
  }

  /// Text that ``init(_:)`` reads.
  public var description: String {
    [low, high, chunks, samples].map { String($0, radix: 16) }.joined(separator: "-")
  }

  /// - Parameters:
  ///   - labels: see ``LabelHash``.
  ///   - checksum: CRC-32C of encoding and payload.
  mutating func add(
    labels: LabelHash, minTime: Int64, maxTime: Int64, checksum: UInt32, samples count: Int
  ) {
    var hash = labels.value
    hash = Self.mix(hash ^ UInt64(bitPattern: minTime))
    hash = Self.mix(hash ^ UInt64(bitPattern: maxTime))
    hash = Self.mix(hash ^ UInt64(checksum))
    low &+= hash
    // A second sum over other bits: chunks that cancel out in one do not in both.
    high &+= Self.mix(hash ^ 0x9E37_79B9_7F4A_7C15)
    chunks += 1
    samples += UInt64(count)
  }

  /// Adds what another one has seen.
  mutating func add(_ other: BlockFingerprint) {
    low &+= other.low
    high &+= other.high
    chunks += other.chunks
    samples += other.samples
  }

  /// The finalizer of SplitMix64: every bit of the input changes half of the output.
  static func mix(_ value: UInt64) -> UInt64 {
    var hash = (value ^ value &>> 30) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ hash &>> 27) &* 0x94D0_49BB_1331_11EB
    return hash ^ hash &>> 31
  }
}

/// The hash of a label set, made from the hashes of its strings.
struct LabelHash: Equatable {
  private(set) var value: UInt64 = 0

  mutating func add(_ stringHash: UInt64) {
    value = BlockFingerprint.mix(value &* 31 &+ stringHash)
  }
}
