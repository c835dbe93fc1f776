/// Encodes float samples as an XOR2 chunk (the picture is in ``XOR2Decoder``), byte for byte as
/// Prometheus 3.14 does.
public struct XOR2Encoder: Sendable {
  /// What the count of a chunk can say.
  public static let maxSampleCount = 65_535
  /// Behind this many samples a chunk without start timestamps must store them all the same, which
  /// makes it several times larger; writers cut before.
  public static let recommendedSampleCount = 127

  /// Samples of the chunk under way.
  public private(set) var count = 0
  private var bits = BitWriter()
  private var starts = StartTimestampWriter()
  private var window = XORWindowWriter()
  private var time: Int64 = 0
  private var delta: Int64 = 0
  private var baseline: UInt64 = 0

  /// An encoder without samples.
  public init() {}

  /// Adds a sample.
  ///
  /// - Parameters:
  ///   - timestamp: milliseconds since 1970.
  ///   - valueBits: bits of a double.
  ///   - start: start timestamp, 0 for unknown.
  /// - Precondition: `count` is below ``maxSampleCount``.
  public mutating func append(timestamp: Int64, valueBits: UInt64, start: Int64 = 0) {
    precondition(count < Self.maxSampleCount, "a chunk counts its samples with 16 bits")
    switch count {
    case 0:
      bits.appendVarint(timestamp)
      bits.append(valueBits, 64)
      baseline = valueBits == SampleValue.staleMarker ? 0 : valueBits
      starts.appendFirst(start, time: timestamp, to: &bits)
    case 1:
      delta = timestamp &- time
      bits.appendUvarint(UInt64(bitPattern: delta))
      appendValue(valueBits)
      starts.appendNext(start, index: 1, previousTime: time, to: &bits)
    default:
      let newDelta = timestamp &- time
      appendJoint(newDelta &- delta, valueBits)
      delta = newDelta
      starts.appendNext(start, index: count, previousTime: time, to: &bits)
    }
    time = timestamp
    count += 1
  }

  /// The bytes of the chunk; the encoder starts the next one.
  public mutating func finish() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 + bits.byteCount)
    bytes.append(UInt8(truncatingIfNeeded: count >> 8))
    bytes.append(UInt8(truncatingIfNeeded: count))
    bytes.append(starts.header)
    bits.copy(appendingTo: &bytes)
    self = XOR2Encoder()
    return bytes
  }

  private mutating func appendJoint(_ change: Int64, _ value: UInt64) {
    let raw = UInt64(bitPattern: change)
    switch change {
    case 0:
      if value == SampleValue.staleMarker {
        bits.append(0b11111, 5)
      } else if value == baseline {
        bits.append(0, 1)
      } else {
        bits.append(0b10, 2)
        let difference = value ^ baseline
        if window.reuses(difference) {
          bits.append(0, 1)
        } else {
          bits.append(1, 1)
          window.appendBounds(to: &bits)
        }
        window.appendChange(difference, to: &bits)
        baseline = value
      }
      return
    case -4096...4095: bits.append(0b110 << 13 | raw & 0x1FFF, 16)
    case -524_288...524_287: bits.append(0b1110 << 20 | raw & 0xF_FFFF, 24)
    default:
      bits.append(0b11110, 5)
      bits.append(raw, 64)
    }
    appendValue(value)
  }

  private mutating func appendValue(_ value: UInt64) {
    if value == SampleValue.staleMarker {
      bits.append(0b111, 3)
      return
    }
    guard value != baseline else {
      bits.append(0, 1)
      return
    }
    let difference = value ^ baseline
    if window.reuses(difference) {
      bits.append(0b10, 2)
    } else {
      bits.append(0b110, 3)
      window.appendBounds(to: &bits)
    }
    window.appendChange(difference, to: &bits)
    baseline = value
  }
}
