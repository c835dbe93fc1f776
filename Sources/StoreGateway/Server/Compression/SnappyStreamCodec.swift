internal import GRPCCore
internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2
internal import Snappy

/// Lets a stream speak Snappy, which the gRPC library does not know, and sees to it that an answer
/// is compressed the way its request was, and only then.
///
///     client ─► grpc-encoding: snappy ─► no encoding       ─► gRPC library
///               message, compressed   ─► message
///     client ◄─ grpc-encoding: snappy ◄─ no encoding       ◄─ gRPC library
///
/// A message is a framed stream of its own, as Go's `--grpc-compression=snappy` has it. That a client
/// could read a compressed answer is no wish for one: Go programs say so with every request. Streams
/// without Snappy are rid of this handler when their head was read.
final class SnappyStreamCodec: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias InboundOut = HTTP2Frame.FramePayload
  typealias OutboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  private static let encoding = "grpc-encoding"
  private static let acceptedEncoding = "grpc-accept-encoding"

  private enum Phase {
    case head, translating, failed
  }

  private let limit: Int
  private var phase = Phase.head
  private var requests: MessageCutter
  private var answers = MessageCutter(limit: .max)
  private var hasAnswered = false

  /// - Parameter limit: bytes of a request, compressed or not.
  init(limit: Int) {
    self.limit = limit
    requests = MessageCutter(limit: limit)
  }

  // MARK: - Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (phase, unwrapInboundIn(data)) {
    case (.failed, _): return
    case (.head, .headers(let head)): readHead(head, context)
    case (.translating, .data(let part)): readPart(part, context)
    default: context.fireChannelRead(data)
    }
  }

  private func readHead(_ head: HTTP2Frame.FramePayload.Headers, _ context: ChannelHandlerContext) {
    var head = head
    let encodings = head.headers[canonicalForm: Self.encoding]
    head.headers.remove(name: Self.acceptedEncoding)
    if encodings.elementsEqual(["snappy"]) {
      phase = .translating
      head.headers.remove(name: Self.encoding)
      context.fireChannelRead(wrapInboundOut(.headers(head)))
    } else {
      if encodings.count == 1, let encoding = encodings.first {
        head.headers.add(name: Self.acceptedEncoding, value: String(encoding))
      }
      context.fireChannelRead(wrapInboundOut(.headers(head)))
      context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
  }

  private func readPart(_ part: HTTP2Frame.FramePayload.Data, _ context: ChannelHandlerContext) {
    guard case .byteBuffer(let bytes) = part.data else { return }
    requests.append(bytes)
    var output = ByteBuffer()
    do {
      while let message = try requests.next() {
        let content = message.isCompressed ? try decompressed(message.bytes) : message.bytes
        Self.append(content, isCompressed: false, to: &output)
      }
    } catch let error as RPCError {
      return fail(error, context)
    } catch {
      return fail(tooLarge, context)
    }
    // Without a message and without an end there is nothing to say yet.
    if output.readableBytes > 0 || part.endStream {
      let translated = HTTP2Frame.FramePayload.Data(
        data: .byteBuffer(output), endStream: part.endStream)
      context.fireChannelRead(wrapInboundOut(.data(translated)))
    }
  }

  private func decompressed(_ bytes: ByteBuffer) throws(RPCError) -> ByteBuffer {
    do {
      return ByteBuffer(
        bytes: try SnappyStream.decompressed(bytes.readableBytesSpan, limit: limit))
    } catch {
      throw error == .tooLarge
        ? tooLarge : RPCError(code: .internalError, message: "the message is no Snappy stream")
    }
  }

  private var tooLarge: RPCError {
    RPCError(code: .resourceExhausted, message: "a request may have \(limit) bytes")
  }

  /// Ends the call with an error that the gRPC library has no part in.
  private func fail(_ error: RPCError, _ context: ChannelHandlerContext) {
    phase = .failed
    var trailers: HPACKHeaders = [
      "grpc-status": "\(error.code.rawValue)", "grpc-message": error.message,
    ]
    if !hasAnswered {
      trailers = [":status": "200", "content-type": "application/grpc"]
      trailers.add(name: "grpc-status", value: "\(error.code.rawValue)")
      trailers.add(name: "grpc-message", value: error.message)
    }
    context.writeAndFlush(
      wrapOutboundOut(.headers(.init(headers: trailers, endStream: true))), promise: nil)
    context.close(promise: nil)
  }

  // MARK: - Answers

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch (phase, unwrapOutboundIn(data)) {
    case (.failed, _): promise?.fail(ChannelError.ioOnClosedChannel)
    case (.translating, .headers(var head)) where !head.endStream:
      hasAnswered = true
      head.headers.add(name: Self.encoding, value: "snappy")
      context.write(wrapOutboundOut(.headers(head)), promise: promise)
    case (.translating, .data(let part)): writePart(part, context, promise)
    default: context.write(data, promise: promise)
    }
  }

  private func writePart(
    _ part: HTTP2Frame.FramePayload.Data, _ context: ChannelHandlerContext,
    _ promise: EventLoopPromise<Void>?
  ) {
    guard case .byteBuffer(let bytes) = part.data else {
      promise?.fail(ChannelError.operationUnsupported)
      return
    }
    answers.append(bytes)
    var output = ByteBuffer()
    while let message = try? answers.next() {
      let stream = SnappyStream.compressed(message.bytes.readableBytesSpan)
      Self.append(ByteBuffer(bytes: stream), isCompressed: !stream.isEmpty, to: &output)
    }
    let translated = HTTP2Frame.FramePayload.Data(
      data: .byteBuffer(output), endStream: part.endStream)
    context.write(wrapOutboundOut(.data(translated)), promise: promise)
  }

  private static func append(
    _ message: ByteBuffer, isCompressed: Bool, to output: inout ByteBuffer
  ) {
    output.reserveCapacity(
      output.writerIndex + MessageCutter.headByteCount + message.readableBytes)
    output.writeInteger(UInt8(isCompressed ? 1 : 0))
    output.writeInteger(UInt32(message.readableBytes))
    output.writeImmutableBuffer(message)
  }
}
