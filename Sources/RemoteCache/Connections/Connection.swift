internal import NIOCore

/// One connection to a server, for one request at a time.
struct Connection: Sendable {
  let channel: any Channel

  var isOpen: Bool { channel.isActive }

  /// Sends a request and waits for its answer. After a failure the connection is closed.
  func exchange<Parser: ReplyParser>(
    _ request: ByteBuffer, _ parser: Parser, timeout: Duration
  ) async throws(WireFailure) -> Parser.Reply {
    let channel = channel
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let waiting = Waiting<Parser.Reply>(continuation)
        let exchange = Exchange(request: request, timeout: TimeAmount(timeout)) {
          ParsingSink(parser: parser, waiting: waiting)
        }
        // A write into a closed connection never reaches the handler.
        channel.writeAndFlush(exchange).whenFailure { error in
          waiting.resume(.failure(.network("\(type(of: error))")))
        }
      }
    } onCancel: {
      channel.close(promise: nil)
    }
    if Task.isCancelled, case .failure(.network) = result { throw .cancelled }
    return try result.get()
  }

  func close() { channel.close(promise: nil) }
}
