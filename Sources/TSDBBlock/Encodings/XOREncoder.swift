/// Encodes float samples as an XOR chunk (the picture is in ``XORDecoder``), byte for byte as
/// Prometheus 3 does.
///
/// One encoder serves many chunks: ``finish(appendingTo:)`` leaves it empty with its memory kept.
public struct XOREncoder: Sendable {
  /// What the count of a chunk can say.
  public static let maxSampleCount = 65_535

  /// Samples appended since the last chunk was finished.
  public private(set) var count = 0
  private var bits = BitWriter()
  private var timestamp: Int64 = 0
  private var delta: Int64 = 0
  private var value: UInt64 = 0
  private var window = XORWindowWriter()

  public init() {}

  /// Bytes of the chunk when finished now, the count included.
  public var byteCount: Int { 2 + bits.byteCount }

  /// Appends a sample. Times may go anywhere; whoever promises order to readers checks it.
  ///
  /// - Precondition: `count` is below ``maxSampleCount``.
  public mutating func append(timestamp newTimestamp: Int64, valueBits: UInt64) {
    precondition(count < Self.maxSampleCount, "a chunk counts its samples with 16 bits")
    switch count {
    case 0:
      bits.appendVarint(newTimestamp)
      bits.append(valueBits, 64)
    case 1:
      delta = newTimestamp &- timestamp
      bits.appendUvarint(UInt64(bitPattern: delta))
      window.append(valueBits, against: value, to: &bits)
    default:
      let newDelta = newTimestamp &- timestamp
      appendDeltaOfDelta(newDelta &- delta)
      delta = newDelta
      window.append(valueBits, against: value, to: &bits)
    }
    timestamp = newTimestamp
    value = valueBits
    count += 1
  }

  /// Appends the bytes of the chunk to `output` and starts the next chunk.
  public mutating func finish(appendingTo output: inout [UInt8]) {
    bits.align()
    output.append(UInt8(truncatingIfNeeded: count >> 8))
    output.append(UInt8(truncatingIfNeeded: count))
    output.append(contentsOf: bits.bytes)
    removeAll()
  }

  /// The bytes of the chunk; the encoder starts the next one.
  public mutating func finish() -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(byteCount)
    finish(appendingTo: &output)
    return output
  }

  /// Forgets the chunk begun.
  public mutating func removeAll() {
    bits.removeAll()
    count = 0
    window = XORWindowWriter()
  }

  private mutating func appendDeltaOfDelta(_ change: Int64) {
    let raw = UInt64(bitPattern: change)
    switch change {
    case 0: bits.append(0, 1)
    case -8191...8192: bits.append(0b10 << 14 | raw & 0x3FFF, 16)
    case -65535...65536: bits.append(0b110 << 17 | raw & 0x1_FFFF, 20)
    case -524_287...524_288: bits.append(0b1110 << 20 | raw & 0xF_FFFF, 24)
    default:
      bits.append(0b1111, 4)
      bits.append(raw, 64)
    }
  }
}
