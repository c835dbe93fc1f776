internal import NIOCore

/// Runs one exchange after another on a connection.
///
/// A connection on which anything goes wrong is closed: what comes late could otherwise be taken
/// for the answer to another request.
final class ExchangeHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = Exchange
  typealias OutboundOut = ByteBuffer

  private var sink: (any AnswerSink)?
  private var alarm: Scheduled<Void>?
  /// The beginning of what is not complete yet.
  private var pending: ByteBuffer?

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let exchange = unwrapOutboundIn(data)
    guard sink == nil else {
      exchange.makeSink().fail(.network("the connection is in use"))
      promise?.fail(ChannelError.operationUnsupported)
      return
    }
    sink = exchange.makeSink()
    let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    alarm = context.eventLoop.scheduleTask(in: exchange.timeout) {
      let (handler, context) = loopBound.value
      handler.end(.timeout, context)
    }
    context.writeAndFlush(wrapOutboundOut(exchange.request), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var received = unwrapInboundIn(data)
    guard var sink else { return context.close(promise: nil) }
    if pending == nil {
      pending = received
    } else {
      pending?.writeBuffer(&received)
    }
    do throws(WireFailure) {
      var bytes = pending ?? received
      pending = nil
      let isComplete = try sink.take(&bytes)
      self.sink = sink
      guard isComplete else {
        bytes.discardReadBytes()
        pending = bytes
        return
      }
      finish()
      if bytes.readableBytes > 0 { context.close(promise: nil) }
    } catch {
      end(error, context)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    end(.network("the server closed it"), context)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    end(.network("\(type(of: error))"), context)
  }

  private func finish() {
    alarm?.cancel()
    alarm = nil
    sink = nil
    pending = nil
  }

  private func end(_ failure: WireFailure, _ context: ChannelHandlerContext) {
    sink?.fail(failure)
    finish()
    context.close(promise: nil)
  }
}
