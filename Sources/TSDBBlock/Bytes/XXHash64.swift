/// XXH64 with seed 0: the hash of chunk payloads on the wire, of shards and of block groups.
///
/// The bytes may come in parts; the hash depends only on their concatenation.
///
///     stripes of 32 bytes ─► four lanes ─┐
///                                        ├─► 64 bits ─► avalanche
///     tail of 0…31 bytes ────────────────┘
public struct XXHash64: Sendable {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  private var lane1 = prime1 &+ prime2
  private var lane2 = prime2
  private var lane3: UInt64 = 0
  private var lane4 = 0 &- prime1
  private var tail = InlineArray<32, UInt8>(repeating: 0)
  private var tailCount = 0
  private var total: UInt64 = 0

  /// The hash of no bytes.
  public init() {}

  /// The hash of `bytes`.
  public static func hash(_ bytes: RawSpan) -> UInt64 {
    var hash = XXHash64()
    hash.total = UInt64(bytes.byteCount)
    let tail = hash.takeStripes(bytes, from: 0)
    return hash.finished(with: bytes.extracting(tail..<bytes.byteCount))
  }

  /// The hash of `bytes`.
  public static func hash(_ bytes: [UInt8]) -> UInt64 {
    hash(bytes.rawSpan)
  }

  /// Adds bytes behind those that were given before.
  public mutating func update(_ bytes: [UInt8]) {
    update(bytes.rawSpan)
  }

  /// Adds bytes behind those that were given before.
  public mutating func update(_ bytes: RawSpan) {
    var offset = fillTail(from: bytes)
    total &+= UInt64(bytes.byteCount)
    offset = takeStripes(bytes, from: offset)
    while offset < bytes.byteCount {
      tail[tailCount] = bytes.byte(at: offset)
      tailCount &+= 1
      offset &+= 1
    }
  }

  /// The hash of everything given so far. Does not end the hash: more may follow.
  public var value: UInt64 {
    // SAFETY: the span does not outlive the array it was made from.
    let bytes = unsafe tail.span.bytes
    return finished(with: bytes.extracting(0..<tailCount))
  }

  /// The hash when the lanes hold all stripes and `tail` is what is left behind them.
  private func finished(with tail: RawSpan) -> UInt64 {
    var hash = total < 32 ? Self.prime5 : mergedLanes
    hash &+= total
    var offset = 0
    while tail.byteCount &- offset >= 8 {
      hash ^= Self.round(0, tail.littleEndianUInt64(at: offset))
      hash = Self.rotate(hash, 27) &* Self.prime1 &+ Self.prime4
      offset &+= 8
    }
    if tail.byteCount &- offset >= 4 {
      hash ^= UInt64(tail.littleEndianUInt32(at: offset)) &* Self.prime1
      hash = Self.rotate(hash, 23) &* Self.prime2 &+ Self.prime3
      offset &+= 4
    }
    while offset < tail.byteCount {
      hash ^= UInt64(tail.byte(at: offset)) &* Self.prime5
      hash = Self.rotate(hash, 11) &* Self.prime1
      offset &+= 1
    }
    return Self.avalanche(hash)
  }

  /// Takes whole stripes; returns where the bytes left over begin.
  private mutating func takeStripes(_ bytes: RawSpan, from start: Int) -> Int {
    var offset = start
    while bytes.byteCount &- offset >= 32 {
      stripe(
        bytes.littleEndianUInt64(at: offset), bytes.littleEndianUInt64(at: offset &+ 8),
        bytes.littleEndianUInt64(at: offset &+ 16), bytes.littleEndianUInt64(at: offset &+ 24))
      offset &+= 32
    }
    return offset
  }

  /// Completes a stripe begun by an earlier part; returns how many bytes that took.
  private mutating func fillTail(from bytes: RawSpan) -> Int {
    guard tailCount > 0, tailCount &+ bytes.byteCount >= 32 else { return 0 }
    let missing = 32 &- tailCount
    for index in 0..<missing { tail[tailCount &+ index] = bytes.byte(at: index) }
    let full = tail
    // SAFETY: the span does not outlive the array it was made from.
    _ = takeStripes(unsafe full.span.bytes, from: 0)
    tailCount = 0
    return missing
  }

  private mutating func stripe(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ last: UInt64) {
    lane1 = Self.round(lane1, first)
    lane2 = Self.round(lane2, second)
    lane3 = Self.round(lane3, third)
    lane4 = Self.round(lane4, last)
  }

  private var mergedLanes: UInt64 {
    var hash = Self.rotate(lane1, 1) &+ Self.rotate(lane2, 7)
    hash = hash &+ Self.rotate(lane3, 12) &+ Self.rotate(lane4, 18)
    hash = Self.merge(hash, lane1)
    hash = Self.merge(hash, lane2)
    hash = Self.merge(hash, lane3)
    return Self.merge(hash, lane4)
  }

  private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotate(lane &+ input &* prime2, 31) &* prime1
  }

  private static func merge(_ hash: UInt64, _ lane: UInt64) -> UInt64 {
    (hash ^ round(0, lane)) &* prime1 &+ prime4
  }

  private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    value &<< bits | value &>> (64 &- bits)
  }

  private static func avalanche(_ value: UInt64) -> UInt64 {
    var hash = value
    hash = (hash ^ hash &>> 33) &* prime2
    hash = (hash ^ hash &>> 29) &* prime3
    return hash ^ hash &>> 32
  }
}
