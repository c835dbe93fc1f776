internal import GRPCCore

/// Writes protobuf fields into memory whose size was computed before.
///
/// A size that was computed wrongly is our bug: writing past the end stops the process, it never
/// touches foreign memory.
@safe struct ProtobufWriter {
  // SAFETY: the buffer outlives the writer, which is only made inside the closure that lends it;
  // every store below goes through `reserve`, which proves the room.
  private let buffer: UnsafeMutableRawBufferPointer
  private(set) var position = 0

  init(_ buffer: UnsafeMutableRawBufferPointer) {
    unsafe self.buffer = buffer
  }

  /// A message of `count` bytes, all of which `fill` writes.
  static func make<Bytes: GRPCContiguousBytes>(
    _ count: Int, fill: (inout ProtobufWriter) -> Void
  ) -> Bytes {
    var bytes = Bytes(repeating: 0, count: count)
    // SAFETY: the writer does not leave the closure that lends the memory.
    unsafe bytes.withUnsafeMutableBytes { buffer in
      var writer = unsafe ProtobufWriter(buffer)
      fill(&writer)
      assert(writer.position == count)
    }
    return bytes
  }

  private mutating func reserve(_ count: Int) -> Int {
    let start = position
    precondition(
      unsafe count <= buffer.count &- start, "a frame was sized smaller than its content")
    position = start &+ count
    return start
  }

  mutating func byte(_ value: UInt8) {
    let start = reserve(1)
    // SAFETY: reserved.
    unsafe buffer.storeBytes(of: value, toByteOffset: start, as: UInt8.self)
  }

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      byte(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    byte(UInt8(truncatingIfNeeded: rest))
  }

  mutating func bytes(_ source: RawSpan) {
    let start = reserve(source.byteCount)
    // SAFETY: reserved; the source is other memory than the frame under construction.
    unsafe source.withUnsafeBytes { source in
      guard let from = source.baseAddress, let to = unsafe buffer.baseAddress else { return }
      unsafe (to + start).copyMemory(from: from, byteCount: source.count)
    }
  }

  /// Tag and length of a field of bytes, text or message; its content follows.
  mutating func header(field: UInt8, length: Int) {
    byte(field &<< 3 | 2)
    varint(UInt64(length))
  }

  /// A field of an integer type; zero is left out, as proto3 does.
  mutating func integer(field: UInt8, _ value: UInt64) {
    guard value != 0 else { return }
    byte(field &<< 3)
    varint(value)
  }
}

/// Sizes of what ``ProtobufWriter`` writes. Field numbers stay below 16: one byte of tag.
enum ProtobufSize {
  static func varint(_ value: UInt64) -> Int {
    (70 &- (value | 1).leadingZeroBitCount) / 7
  }

  static func integer(_ value: UInt64) -> Int {
    value == 0 ? 0 : 1 &+ varint(value)
  }

  static func delimited(_ length: Int) -> Int {
    1 &+ varint(UInt64(length)) &+ length
  }
}
