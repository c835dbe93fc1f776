/// Decodes XOR2 chunks (Prometheus 3.11): one control code for time and value, cheap stale
/// markers, optional start timestamps.
///
///     ┌ count u16 ┬ start header u8 ┬ t0 varint ┬ v0 64 ┬ [st0] ┬ t1−t0 uvarint ┬ V ┬ [st1] ┬ … ┐
///
///     control  0                 same distance, baseline value
///              10 + W            same distance, other value
///              110 + 13 bits     delta of delta in two's complement, then V
///              1110 + 20 bits    likewise
///              11110 + 64 bits   likewise
///              11111             same distance, stale marker
///     W        0                 window of before + its bits
///              1                 5 bits leading zeros, 6 bits size, that many bits
///     V        0                 baseline
///              10                window of before + its bits
///              110               5 bits leading zeros, 6 bits size, that many bits
///              111               stale marker
///
/// Values are XORed with the baseline, the last value that was not a stale marker.
public enum XOR2Decoder {
  /// Appends the samples of the chunk whose data is `payload`, a range within `bytes`, with their
  /// start timestamps.
  ///
  /// - Throws: `truncated` when it holds fewer samples than it counts, `malformed` when a window is
  ///   wider than a value. The whole samples before that are appended.
  public static func decode(
    _ bytes: RawSpan, _ payload: Range<Int>, into columns: inout SampleColumns
  ) throws(DecodeError) {
    guard payload.lowerBound >= 0, payload.upperBound <= bytes.byteCount else { throw .truncated }
    var head = ByteDecoder(bytes.extracting(payload))
    let count = Int(try head.uint16())
    var starts = StartTimestampReader(header: try head.uint8())
    guard count > 0 else { return }
    var bits = BitReader(bytes, payload.lowerBound &+ head.position..<payload.upperBound)
    var time = try bits.readVarint()
    var value = bits.read(64)
    try starts.readFirst(&bits, time: time)
    guard !bits.isPastEnd else { throw .truncated }
    columns.append(timestamp: time, valueBits: value, start: starts.current)
    var baseline = value == SampleValue.staleMarker ? 0 : value
    var window = XORWindow()
    var delta: Int64 = 0
    for index in 1..<count {
      let previousTime = time
      if index == 1 {
        delta = Int64(bitPattern: try bits.readUvarint())
        value = try readValue(&bits, &baseline, &window)
      } else {
        value = try readJoint(&bits, &delta, &baseline, &window)
      }
      time &+= delta
      starts.readNext(&bits, index: index, previousTime: previousTime)
      guard !bits.isPastEnd else { throw .truncated }
      columns.append(timestamp: time, valueBits: value, start: starts.current)
    }
  }

  /// Appends the samples of a chunk, given its data alone.
  public static func decode(
    _ payload: RawSpan, into columns: inout SampleColumns
  ) throws(DecodeError) {
    try decode(payload, 0..<payload.byteCount, into: &columns)
  }

  @inline(__always)
  private static func readJoint(
    _ bits: inout BitReader, _ delta: inout Int64, _ baseline: inout UInt64,
    _ window: inout XORWindow
  ) throws(DecodeError) -> UInt64 {
    let ones = Swift.min((~bits.peek()).leadingZeroBitCount, 5)
    switch ones {
    case 0:
      bits.skip(1)
      return baseline
    case 1:
      bits.skip(2)
      if bits.read(1) == 1 { try window.readBounds(&bits) }
      baseline ^= window.readChange(&bits)
      return baseline
    case 2:
      bits.skip(3)
      delta &+= Int64(bitPattern: bits.read(13) &<< 51) &>> 51
    case 3:
      bits.skip(4)
      delta &+= Int64(bitPattern: bits.read(20) &<< 44) &>> 44
    case 4:
      bits.skip(5)
      delta &+= Int64(bitPattern: bits.read(64))
    default:
      bits.skip(5)
      return SampleValue.staleMarker
    }
    return try readValue(&bits, &baseline, &window)
  }

  @inline(__always)
  private static func readValue(
    _ bits: inout BitReader, _ baseline: inout UInt64, _ window: inout XORWindow
  ) throws(DecodeError) -> UInt64 {
    switch Swift.min((~bits.peek()).leadingZeroBitCount, 3) {
    case 0:
      bits.skip(1)
      return baseline
    case 1: bits.skip(2)
    case 2:
      bits.skip(3)
      try window.readBounds(&bits)
    default:
      bits.skip(3)
      return SampleValue.staleMarker
    }
    baseline ^= window.readChange(&bits)
    return baseline
  }
}
