/// Decodes XOR chunks: Gorilla's delta-of-delta times and XORed values.
///
///     ┌ count u16 ┬ t0 varint ┬ v0 64 ┬ t1−t0 uvarint ┬ x1 ┬ (dod, x)* ┬ 0…8 zero bits ┐
///
///     dod  0                      same distance as before
///          10    + 14 bits        −8191 … 8192
///          110   + 17 bits        −65535 … 65536
///          1110  + 20 bits        −524287 … 524288
///          1111  + 64 bits        anything
///     x    0                      same value
///          10    + window bits    XOR within the window of before, at first all 64 bits
///          11    + 5 bits leading zeros, 6 bits size (0 is 64), then that many bits
///
/// All arithmetic on times wraps. The sample count alone says where the chunk ends: writers
/// before Prometheus 3.0 left a spare zero byte behind many chunks.
public enum XORDecoder {
  /// Appends the samples of a chunk to `columns`.
  ///
  /// - Parameters:
  ///   - payload: the data of the chunk, beginning with the two bytes of its count.
  ///   - columns: get the samples behind those they hold.
  /// - Throws: `truncated` when it holds fewer samples than it counts, `malformed` when a window
  ///   is wider than a value. The whole samples before that are appended.
  public static func decode(
    _ payload: RawSpan, into columns: inout SampleColumns
  ) throws(DecodeError) {
    try decode(payload, 0..<payload.byteCount, into: &columns)
  }

  /// Appends the samples of the chunk whose data is `payload`, a range within `bytes`.
  ///
  /// Faster at the end of a chunk than the form for a lone payload as long as eight more bytes
  /// follow it, as they do in all but the last chunk of a segment. They are loaded but never
  /// become part of a sample.
  public static func decode(
    _ bytes: RawSpan, _ payload: Range<Int>, into columns: inout SampleColumns
  ) throws(DecodeError) {
    guard payload.lowerBound >= 0, payload.upperBound <= bytes.byteCount else { throw .truncated }
    defer { if !columns.starts.isEmpty { columns.padStarts() } }
    var head = ByteDecoder(bytes.extracting(payload))
    let count = Int(try head.uint16())
    guard count > 0 else { return }
    let timestamp = try head.varint()
    let value = try head.uint64()
    columns.append(timestamp: timestamp, valueBits: value)
    guard count > 1 else { return }
    let delta = Int64(bitPattern: try head.uvarint())

    var state = XORState(timestamp: timestamp, delta: delta, value: value)
    var bits = BitReader(bytes, payload.lowerBound &+ head.position..<payload.upperBound)
    try state.readValue(&bits, bits.peek(), 0)
    guard !bits.isPastEnd else { throw .truncated }
    state.timestamp &+= delta
    columns.append(timestamp: state.timestamp, valueBits: state.value)
    guard count > 2 else { return }

    // A count says nothing about memory: every further sample takes at least two bits.
    let promised = count &- 2
    let room = Swift.min(promised, (bits.end &- bits.position) / 2)
    try appendRest(bits, state, room, &columns.timestamps, &columns.values)
    guard room == promised else { throw .truncated }
  }

  /// Appends `count` samples from the third on, fewer when it throws.
  private static func appendRest(
    _ bits: borrowing BitReader, _ state: XORState, _ count: Int,
    _ timestamps: inout [Int64], _ values: inout [UInt64]
  ) throws(DecodeError) {
    // Local copies stay in registers.
    var bits = copy bits
    var state = state
    var filled = timestamps.count
    timestamps.append(contentsOf: repeatElement(0, count: count))
    values.append(contentsOf: repeatElement(0, count: count))
    do throws(DecodeError) {
      var timestampSpan = timestamps.mutableSpan
      var valueSpan = values.mutableSpan
      // All but the end of a span goes through the loop that need not watch for it.
      var inner = bits.inner()
      try state.readSamples(&inner, &timestampSpan, &valueSpan, &filled) { bits in
        bits.canRead(XORState.largestSample)
      }
      bits.advance(to: inner)
      try state.readSamples(&bits, &timestampSpan, &valueSpan, &filled) { _ in true }
    } catch {
      timestamps.removeLast(timestamps.count &- filled)
      values.removeLast(values.count &- filled)
      throw error
    }
  }
}

/// What the next sample of an XOR chunk is relative to.
struct XORState {
  var timestamp: Int64
  var delta: Int64
  var value: UInt64
  /// The window of the value before: zero bits below it, and its size.
  var trailing = 0
  var significant = 64

  init(timestamp: Int64, delta: Int64, value: UInt64) {
    self.timestamp = timestamp
    self.delta = delta
    self.value = value
  }

  /// Bits of the longest sample: 4 + 64 for the time, 13 + 64 for the value.
  static let largestSample = 145

  /// Reads samples from the third of a chunk on while `proceed` says so, until the columns are full
  /// from `filled` on.
  @inline(__always)
  mutating func readSamples<Bits: BitReading & ~Escapable>(
    _ bits: inout Bits, _ timestamps: inout MutableSpan<Int64>,
    _ values: inout MutableSpan<UInt64>, _ filled: inout Int,
    while proceed: (borrowing Bits) -> Bool
  ) throws(DecodeError) {
    let end = Swift.min(timestamps.count, values.count)
    while filled < end, proceed(bits) {
      let window = bits.peek()
      if window >> 62 == 0 {
        // Each pair of zero bits is a sample at the usual distance with the same value.
        let zeros = Swift.min(window.leadingZeroBitCount, bits.peekedBits)
        let run = Swift.min(zeros / 2, end &- filled)
        bits.skip(run &* 2)
        guard !bits.isPastEnd else {
          // What zeros follow the chunk decides how far a run goes, not what the chunk holds.
          let whole = run &- (bits.position &- bits.end &+ 1) / 2
          Self.fill(
            &timestamps, &values, filled..<filled &+ whole, after: timestamp, every: delta, value)
          filled &+= whole
          throw .truncated
        }
        Self.fill(
          &timestamps, &values, filled..<filled &+ run, after: timestamp, every: delta, value)
        timestamp &+= delta &* Int64(truncatingIfNeeded: run)
        filled &+= run
        continue
      }
      // A series keeps to one size of time, and a branch that is foreseen lets the next sample
      // begin before this one is known; a size computed from the prefix would not.
      if window >> 63 == 0 {
        try readValue(&bits, window, 1)
      } else if window >> 62 == 0b10 {
        delta &+= Self.change((window &<< 2) &>> 50, of: 14)
        try readValue(&bits, window, 16)
      } else if window >> 61 == 0b110 {
        delta &+= Self.change((window &<< 3) &>> 47, of: 17)
        try readValue(&bits, window, 20)
      } else if window >> 60 == 0b1110 {
        delta &+= Self.change((window &<< 4) &>> 44, of: 20)
        try readValue(&bits, window, 24)
      } else {
        bits.skip(4)
        delta &+= Int64(bitPattern: bits.read(64))
        try readValue(&bits, bits.peek(), 0)
      }
      guard !bits.isPastEnd else { throw .truncated }
      timestamp &+= delta
      timestamps[filled] = timestamp
      values[filled] = value
      filled &+= 1
    }
  }

  /// Out of the loop over samples, whose state would not stay in registers beside this one's.
  @inline(never)
  private static func fill(
    _ timestamps: inout MutableSpan<Int64>, _ values: inout MutableSpan<UInt64>,
    _ range: Range<Int>, after start: Int64, every delta: Int64, _ value: UInt64
  ) {
    var timestamp = start
    for index in range {
      timestamp &+= delta
      timestamps[index] = timestamp
      values[index] = value
    }
  }

  /// Not two's complement: exactly half the range is still positive.
  @inline(__always)
  static func change(_ raw: UInt64, of size: UInt64) -> Int64 {
    let half = 1 as UInt64 &<< (size &- 1)
    return Int64(bitPattern: raw) &- (raw > half ? Int64(bitPattern: half &<< 1) : 0)
  }

  /// Reads a value behind the first `consumed` bits of `window`, which is at the cursor.
  @inline(__always)
  mutating func readValue(
    _ bits: inout some BitReading & ~Escapable, _ window: UInt64, _ consumed: Int
  ) throws(DecodeError) {
    let rest = window &<< UInt64(truncatingIfNeeded: consumed)
    guard rest >> 63 != 0 else {
      bits.skip(consumed &+ 1)
      return
    }
    var header = consumed &+ 2
    if rest >> 62 == 0b11 {
      // Both numbers fit: at most 24 bits of at least 57 are consumed.
      let leading = Int(rest &>> 57 & 0x1F)
      let size = Int(rest &>> 51 & 0x3F)
      significant = size == 0 ? 64 : size
      trailing = 64 &- leading &- significant
      header = consumed &+ 13
      guard trailing >= 0 else {
        throw bits.end &- bits.position < header ? .truncated : .malformed
      }
    }
    let change: UInt64
    // One load less on the chain from one sample to the next where both parts fit.
    if header &+ significant <= BitReader.guaranteedBits {
      let aligned = window &<< UInt64(truncatingIfNeeded: header)
      change = aligned &>> UInt64(truncatingIfNeeded: 64 &- significant)
      bits.skip(header &+ significant)
    } else {
      bits.skip(header)
      change = bits.read(significant)
    }
    value ^= change &<< UInt64(truncatingIfNeeded: trailing)
  }
}
