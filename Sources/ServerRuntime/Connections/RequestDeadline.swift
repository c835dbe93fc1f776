internal import NIOCore
internal import NIOHTTPTypes

/// Closes a connection whose request does not come to its end in time, however busily it trickles.
///
///     connected ─(head)─► head read ─(body)─► request read ─► the next request: any time
///     └──── limit ─────┘ └──── limit ───────┘
final class RequestDeadline: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart

  private let limit: TimeAmount
  private var deadline: Scheduled<Void>?

  init(limit: Duration) { self.limit = TimeAmount(limit) }

  func handlerAdded(context: ChannelHandlerContext) { start(context) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head: start(context)
    case .body: break
    case .end:
      deadline?.cancel()
      deadline = nil
    }
    context.fireChannelRead(data)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    deadline?.cancel()
    deadline = nil
  }

  private func start(_ context: ChannelHandlerContext) {
    deadline?.cancel()
    let loop = context.eventLoop.assumeIsolated()
    deadline = loop.scheduleTask(in: limit) { context.close(promise: nil) }
  }
}
