/// Encodes float samples as an XOR chunk (the picture is in ``XORDecoder``), byte for byte as
/// Prometheus 3 does.
///
/// Columns go through ``encode(_:_:appendingTo:)``, samples that come one by one through
/// ``append(timestamp:valueBits:)``. One encoder serves many chunks: ``finish(appendingTo:)``
/// leaves it empty with its memory kept.
public struct XOREncoder: Sendable {
  /// What the count of a chunk can say.
  public static let maxSampleCount = 65_535

  /// Samples appended since the last chunk was finished.
  public private(set) var count = 0
  private var bits = BitWriter()
  private var state = XOREncoderState()

  /// An encoder without samples.
  public init() {}

  /// Bytes of the chunk when finished now, the count included.
  public var byteCount: Int { 2 + bits.byteCount }

  /// Appends a sample. Times may go anywhere; whoever promises order to readers checks it.
  ///
  /// - Precondition: `count` is below ``maxSampleCount``.
  public mutating func append(timestamp: Int64, valueBits: UInt64) {
    precondition(count < Self.maxSampleCount, "a chunk counts its samples with 16 bits")
    bits.reserve(bits: XOREncoderState.largestSample)
    let number = count
    var next = state
    bits.write { cursor, bytes in
      switch number {
      case 0: next.appendFirst(timestamp, valueBits, &cursor, &bytes)
      case 1: next.appendSecond(timestamp, valueBits, &cursor, &bytes)
      default: next.append(timestamp, valueBits, &cursor, &bytes)
      }
    }
    state = next
    count += 1
  }

  /// Appends the samples of two columns of equal length; those appended before stay.
  ///
  /// - Precondition: the chunk holds at most ``maxSampleCount`` samples then.
  /// - Complexity: a few nanoseconds a sample, nothing allocated once the encoder has grown.
  public mutating func append(_ timestamps: Span<Int64>, _ values: Span<UInt64>) {
    precondition(
      timestamps.count == values.count && count + timestamps.count <= Self.maxSampleCount,
      "a chunk counts its samples with 16 bits")
    bits.reserve(bits: timestamps.count * XOREncoderState.largestSample)
    let before = count
    var next = state
    bits.write { cursor, bytes in
      var start = 0
      if before == 0, start < timestamps.count {
        next.appendFirst(timestamps[start], values[start], &cursor, &bytes)
        start &+= 1
      }
      if before &+ start == 1, start < timestamps.count {
        next.appendSecond(timestamps[start], values[start], &cursor, &bytes)
        start &+= 1
      }
      next.append(timestamps, values, from: start, &cursor, &bytes)
    }
    state = next
    count += timestamps.count
  }

  /// Appends the bytes of a chunk with the samples of two columns of equal length.
  ///
  /// - Precondition: no sample was appended since the last chunk; at most ``maxSampleCount``.
  public mutating func encode(
    _ timestamps: Span<Int64>, _ values: Span<UInt64>, appendingTo output: inout [UInt8]
  ) {
    precondition(count == 0, "a chunk is under way")
    append(timestamps, values)
    finish(appendingTo: &output)
  }

  /// Appends the bytes of the chunk to `output` and starts the next chunk.
  public mutating func finish(appendingTo output: inout [UInt8]) {
    output.append(UInt8(truncatingIfNeeded: count >> 8))
    output.append(UInt8(truncatingIfNeeded: count))
    bits.copy(appendingTo: &output)
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
    state = XOREncoderState()
  }
}

/// What the next sample of an XOR chunk is written against.
private struct XOREncoderState: Sendable {
  /// Bits of the longest sample: 4 + 64 for the time, or 80 for the second one's, and 13 + 64 for
  /// the value.
  static let largestSample = 157

  var timestamp: Int64 = 0
  var delta: Int64 = 0
  var value: UInt64 = 0
  var window = XORWindowWriter()

  @inline(__always)
  mutating func appendFirst(
    _ newTimestamp: Int64, _ newValue: UInt64,
    _ cursor: inout BitCursor, _ bytes: inout MutableRawSpan
  ) {
    cursor.append(varint: newTimestamp, to: &bytes)
    cursor.append(newValue, 64, to: &bytes)
    timestamp = newTimestamp
    value = newValue
  }

  @inline(__always)
  mutating func appendSecond(
    _ newTimestamp: Int64, _ newValue: UInt64,
    _ cursor: inout BitCursor, _ bytes: inout MutableRawSpan
  ) {
    delta = newTimestamp &- timestamp
    cursor.append(uvarint: UInt64(bitPattern: delta), to: &bytes)
    window.append(newValue ^ value, behind: 0, 0, &cursor, &bytes)
    timestamp = newTimestamp
    value = newValue
  }

  /// Appends samples from the third of a chunk on.
  @inline(__always)
  mutating func append(
    _ timestamps: Span<Int64>, _ values: Span<UInt64>, from start: Int,
    _ cursor: inout BitCursor, _ bytes: inout MutableRawSpan
  ) {
    var index = start
    while index < timestamps.count {
      // Samples at the usual distance with the same value are two zero bits each.
      var run = 0
      while index < timestamps.count, timestamps[index] == timestamp &+ delta,
        values[index] == value
      {
        timestamp &+= delta
        run &+= 1
        index &+= 1
      }
      while run > 0 {
        let part = Swift.min(run, BitCursor.largestAppend / 2)
        cursor.appendShort(0, part &* 2, to: &bytes)
        run &-= part
      }
      guard index < timestamps.count else { return }
      append(timestamps[index], values[index], &cursor, &bytes)
      index &+= 1
    }
  }

  /// Appends one sample from the third of a chunk on.
  @inline(__always)
  mutating func append(
    _ newTimestamp: Int64, _ newValue: UInt64,
    _ cursor: inout BitCursor, _ bytes: inout MutableRawSpan
  ) {
    let newDelta = newTimestamp &- timestamp
    let change = newDelta &- delta
    let raw = UInt64(bitPattern: change)
    // The time's bits, written together with the head of the value.
    let head: UInt64
    let headSize: Int
    switch change {
    case 0: (head, headSize) = (0, 1)
    case -8191...8192: (head, headSize) = (0b10 << 14 | raw & 0x3FFF, 16)
    case -65535...65536: (head, headSize) = (0b110 << 17 | raw & 0x1_FFFF, 20)
    case -524_287...524_288: (head, headSize) = (0b1110 << 20 | raw & 0xF_FFFF, 24)
    default:
      cursor.appendShort(0b1111, 4, to: &bytes)
      cursor.append(raw, 64, to: &bytes)
      (head, headSize) = (0, 0)
    }
    window.append(newValue ^ value, behind: head, headSize, &cursor, &bytes)
    timestamp = newTimestamp
    delta = newDelta
    value = newValue
  }
}
