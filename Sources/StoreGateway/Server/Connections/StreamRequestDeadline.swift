internal import NIOCore
internal import NIOHTTP2

/// Closes a stream whose request does not come to its end in time, however busily it trickles.
final class StreamRequestDeadline: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias InboundOut = HTTP2Frame.FramePayload

  private let limit: TimeAmount
  private var deadline: Scheduled<Void>?

  init(limit: Duration) { self.limit = TimeAmount(limit) }

  func handlerAdded(context: ChannelHandlerContext) {
    let loop = context.eventLoop.assumeIsolated()
    deadline = loop.scheduleTask(in: limit) { context.close(promise: nil) }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    deadline?.cancel()
    deadline = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let isEnd =
      switch unwrapInboundIn(data) {
      case .headers(let headers): headers.endStream
      case .data(let data): data.endStream
      default: false
      }
    context.fireChannelRead(data)
    if isEnd, deadline != nil {
      deadline?.cancel()
      deadline = nil
      context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
  }
}
