public import NIOCore

/// Hangs up on a connection that does not begin to speak.
///
/// Behind what decrypts, it ends handshakes that take too long as well. Gone when enough arrived.
public final class FirstBytesDeadline: ChannelInboundHandler, RemovableChannelHandler {
  public typealias InboundIn = ByteBuffer
  public typealias InboundOut = ByteBuffer

  private let limit: TimeAmount
  private var missing: Int
  private var deadline: Scheduled<Void>?

  /// - Parameter byteCount: what must arrive in time.
  public init(byteCount: Int, limit: Duration) {
    missing = byteCount
    self.limit = TimeAmount(limit)
  }

  public func handlerAdded(context: ChannelHandlerContext) {
    let loop = context.eventLoop.assumeIsolated()
    deadline = loop.scheduleTask(in: limit) { context.close(promise: nil) }
  }

  public func handlerRemoved(context: ChannelHandlerContext) {
    deadline?.cancel()
    deadline = nil
  }

  public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    missing -= unwrapInboundIn(data).readableBytes
    context.fireChannelRead(data)
    if missing <= 0, deadline != nil {
      deadline?.cancel()
      deadline = nil
      context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
  }
}
