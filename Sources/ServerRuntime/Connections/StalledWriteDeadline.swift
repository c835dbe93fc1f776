internal import Glibc
public import NIOCore

/// Closes a channel whose peer takes nothing of what was written for it.
///
/// What waits to be sent is bounded, since writers wait while a channel cannot be written to; this
/// bounds how long it waits, with all that the request holds.
public final class StalledWriteDeadline: ChannelInboundHandler, RemovableChannelHandler {
  public typealias InboundIn = Any
  public typealias InboundOut = Any

  private let limit: TimeAmount
  private var deadline: Scheduled<Void>?

  /// - Parameter limit: how long a channel may stay unwritable.
  public init(limit: Duration) { self.limit = TimeAmount(limit) }

  public func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable {
      deadline?.cancel()
      deadline = nil
    } else if deadline == nil {
      wait(context, since: Self.waitingByteCount(context.channel))
    }
    context.fireChannelWritabilityChanged()
  }

  public func handlerRemoved(context: ChannelHandlerContext) {
    deadline?.cancel()
    deadline = nil
  }

  /// - Parameter byteCount: what waited when the wait began, where that can be told.
  private func wait(_ context: ChannelHandlerContext, since byteCount: Int?) {
    let loop = context.eventLoop.assumeIsolated()
    deadline = loop.scheduleTask(in: limit) { [self] in
      let now = Self.waitingByteCount(context.channel)
      if let now, let byteCount, now < byteCount { return wait(context, since: now) }
      // Without this the kernel would go on to hold what the peer does not take.
      _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(
        linger(l_onoff: 1, l_linger: 0))
      context.close(promise: nil)
    }
  }

  /// Only sockets tell; for a stream of HTTP/2, whose writes are small, none of them must take so
  /// long.
  private static func waitingByteCount(_ channel: any Channel) -> Int? {
    guard channel is any SocketOptionProvider else { return nil }
    return try? channel.syncOptions?.getOption(.bufferedWritableBytes)
  }
}
