internal import GRPCNIOTransportHTTP2
internal import NIOCore
internal import NIOPosix
internal import ServerRuntime
internal import TransportSecurity

/// Accepts the connections of the gRPC server: their number, TLS with the newest certificate, and a
/// limit for the time until a client speaks HTTP/2.
///
///     accepted ─► counted ─► TLS ─► first bytes in time ─► HTTP/2 and gRPC
struct GatewayListener: HTTP2ServerTransport.ListenerFactory {
  /// The preface of HTTP/2 and the head of the frame that must follow it.
  private static let prefaceByteCount = 24 + 9

  let address: ListenAddress
  let tls: TLSCredentials?
  let limits: ConnectionLimits
  let connections: ConnectionCount

  var eventLoopGroup: any EventLoopGroup { MultiThreadedEventLoopGroup.singleton }

  func makeListeningChannel(
    listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
    connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
  ) async throws -> NIOAsyncChannel<
    HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never
  > {
    try await ServerBootstrap(group: eventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { listenerConfigurator.configure(channel: $0) }
      .bind(host: address.host == "localhost" ? "127.0.0.1" : address.host, port: address.port) {
        channel in
        connections.admit(channel).flatMap {
          guard let tls else { return configure(channel, connectionConfigurator, .none) }
          return tls.secure(channel) { channel in
            configure(channel, connectionConfigurator, .configured(requireALPN: false))
          }
        }
      }
  }

  private func configure(
    _ channel: any Channel, _ configurator: HTTP2ServerTransport.ConnectionConfigurator,
    _ tls: HTTP2ServerTransport.ConnectionConfigurator.TLS
  ) -> EventLoopFuture<HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel> {
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(
        FirstBytesDeadline(byteCount: Self.prefaceByteCount, limit: limits.handshake))
    }.flatMap { configurator.configure(channel: channel, tls: tls) }
  }
}
