internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdHTTP2
internal import Logging
internal import NIOCore
internal import NIOTLS
internal import TransportSecurity

/// Sets up the connections of the HTTP server: limits, TLS where it is wanted, and the version of
/// HTTP that the client chose.
struct AdminChannel: ServerChildChannel {
  /// What clients may do to a connection.
  struct Limits: Sendable {
    /// Connections at the same time.
    var connections = 500
    /// For a handshake, and again for the head and for the body of a request.
    var request = Duration.seconds(60)
    /// For a part of the answer that the client does not take.
    var stalledAnswer = Duration.seconds(60)
    /// Between requests.
    var idle = Duration.seconds(120)
  }

  enum Speaking: Sendable {
    case http1(HTTP1Channel.Value)
    case http2(HTTP2Channel.Value)
  }

  struct Value: ServerChildChannelValue {
    let channel: any Channel
    let speaking: EventLoopFuture<Speaking>
  }

  private let http1: HTTP1Channel
  private let http2: HTTP2Channel
  private let security: WebSecurity?
  private let connections: ConnectionCount
  private let limits: Limits

  init(
    responder: @escaping HTTPChannelHandler.Responder, security: WebSecurity?, limits: Limits,
    logger: Logger
  ) {
    let configuration = HTTP1Channel.Configuration(
      additionalChannelHandlers: [
        RequestDeadline(limit: limits.request), StalledWriteDeadline(limit: limits.stalledAnswer),
      ],
      idleTimeout: TimeAmount(limits.idle))
    http1 = HTTP1Channel(responder: responder, configuration: configuration)
    http2 = HTTP2Channel(
      responder: responder,
      configuration: HTTP2ChannelConfiguration(
        idleTimeout: limits.idle, gracefulCloseTimeout: limits.idle,
        streamConfiguration: configuration))
    connections = ConnectionCount(limit: limits.connections, logger: logger)
    self.security = security
    self.limits = limits
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    connections.admit(channel).flatMap {
      guard let security, let credentials = security.credentials else {
        return http1.setup(channel: channel, logger: logger).map {
          Value(
            channel: channel,
            speaking: channel.eventLoop.makeSucceededFuture(.http1($0)))
        }
      }
      return channel.eventLoop.makeFutureWithTask { _ = await security.currentCredentials() }
        .flatMap {
          credentials.secure(channel) { channel in negotiate(on: channel, logger: logger) }
        }
    }
  }

  private func negotiate(on channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      let negotiation = NIOTypedApplicationProtocolNegotiationHandler<Speaking> { result, channel in
        switch result {
        case .negotiated("h2"):
          http2.setup(channel: channel, logger: logger).map { .http2($0) }
        case .negotiated, .fallback:
          http1.setup(channel: channel, logger: logger).map { .http1($0) }
        }
      }
      let pipeline = channel.pipeline.syncOperations
      try pipeline.addHandler(FirstBytesDeadline(byteCount: 1, limit: limits.request))
      try pipeline.addHandler(negotiation)
      return Value(channel: channel, speaking: negotiation.protocolNegotiationResult)
    }
  }

  func handle(value: Value, logger: Logger) async {
    // A handshake that fails has closed the connection.
    switch try? await value.speaking.get() {
    case .http1(let channel)?: await http1.handle(value: channel, logger: logger)
    case .http2(let channel)?: await http2.handle(value: channel, logger: logger)
    case nil: break
    }
  }
}
