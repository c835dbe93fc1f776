internal import NIOCore

/// Cuts a stream into gRPC messages.
///
///     ┌ compressed u8 │ length u32, big endian │ message ┐ ┌ …
struct MessageCutter {
  struct Message {
    let isCompressed: Bool
    let bytes: ByteBuffer
  }

  /// A message claims more bytes than may be.
  struct TooLarge: Error {}

  static let headByteCount = 5

  private let limit: Int
  private var buffer = ByteBuffer()

  /// - Parameter limit: bytes of one message.
  init(limit: Int) { self.limit = limit }

  mutating func append(_ bytes: ByteBuffer) {
    if buffer.readableBytes == 0 {
      buffer = bytes
    } else {
      buffer.discardReadBytes()
      buffer.writeImmutableBuffer(bytes)
    }
  }

  /// The next message; nil until all of it has arrived.
  mutating func next() throws(TooLarge) -> Message? {
    let start = buffer.readerIndex
    guard let flag = buffer.getInteger(at: start, as: UInt8.self),
      let length = buffer.getInteger(at: start + 1, as: UInt32.self)
    else { return nil }
    guard length <= limit else { throw TooLarge() }
    guard let bytes = buffer.getSlice(at: start + Self.headByteCount, length: Int(length)) else {
      return nil
    }
    buffer.moveReaderIndex(forwardBy: Self.headByteCount + Int(length))
    return Message(isCompressed: flag == 1, bytes: bytes)
  }
}
