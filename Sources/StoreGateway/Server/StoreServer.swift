internal import GRPCCore
internal import GRPCNIOTransportHTTP2
internal import Logging
internal import NIOCore
internal import ServerRuntime
internal import ServiceLifecycle
internal import StoreAPI
internal import Telemetry
internal import TransportSecurity

/// The gRPC server: StoreAPI, Info, health and reflection.
///
/// Stops gracefully: no new calls, running ones finish.
struct StoreServer: Service {
  private typealias Transport = HTTP2ServerTransport.Custom<GatewayListener>

  /// Queriers ping every 10 seconds; transports by default hang up on pings closer than 5 minutes.
  private static let minPingInterval = Duration.seconds(5)

  let address: ListenAddress
  let maxConnectionAge: Duration
  var store: GatewayStoreService
  let info: InfoService
  let health: HealthService
  let registry: MetricRegistry
  var requestLog: RequestLog?
  /// Nil for connections that anybody can read.
  var tls: TLSCredentials?
  var limits = ConnectionLimits()
  let logger: Logger
  /// Called when calls are accepted.
  var onListening: @Sendable () -> Void = {}

  func run() async throws {
    let transport = Transport(
      listenerFactory: GatewayListener(
        address: address, tls: tls, limits: limits,
        connections: ConnectionCount(limit: limits.connections, logger: logger)),
      config: config)
    let services: [any RegistrableRPCService] = [store, info, health, try ReflectionService()]
    let observer = CallObserver(
      metrics: CallMetrics(Self.methods(of: services), registry: registry), log: requestLog)
    let server = GRPCServer(transport: transport, services: services, interceptors: [observer])
    let (stop, stopSource) = AsyncStream.makeStream(of: Never.self)
    try await withGracefulShutdownHandler {
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask {
          do {
            try await server.serve()
          } catch {
            throw ListenError(
              address: address, flag: "--grpc-address", error: Self.innermostCause(of: error))
          }
        }
        group.addTask {
          // The transport never ends when it is told to before it listens, so it is told after.
          if let bound = await transport.listeningAddress {
            log(port: bound.ipv4?.port ?? bound.ipv6?.port ?? address.port)
            onListening()
          }
          for await _ in stop {}
          server.beginGracefulShutdown()
        }
      }
    } onGracefulShutdown: {
      health.shutDown()
      stopSource.finish()
    }
  }

  private static func methods(of services: [any RegistrableRPCService]) -> [MethodDescriptor] {
    var router = RPCRouter<Transport>()
    for service in services { service.registerMethods(with: &router) }
    return router.methods
  }

  private func log(port: Int) {
    logger.info(
      "listening for gRPC",
      metadata: [
        "address": "\(ListenAddress(host: address.host, port: port))", "tls": "\(tls != nil)",
      ])
  }

  private var config: Transport.Config {
    var config = Transport.Config.defaults
    config.connection.maxAge = maxConnectionAge
    config.connection.maxIdleTime = limits.idle
    config.connection.keepalive.time = limits.silence
    config.connection.keepalive.timeout = limits.pingAnswer
    config.connection.keepalive.clientBehavior = .init(
      minPingIntervalWithoutCalls: Self.minPingInterval, allowWithoutCalls: true)
    config.http2.targetWindowSize = limits.windowByteCount
    config.http2.maxConcurrentStreams = limits.streams
    config.http2.maxFrameSize = limits.frameByteCount
    config.rpc.maxRequestPayloadSize = limits.requestByteCount
    config.compression.enabledAlgorithms = [.gzip, .deflate]
    config.channelDebuggingCallbacks.onAcceptHTTP2Stream = { [limits] stream in
      stream.eventLoop.makeCompletedFuture {
        // In front of the library's: what they see is a stream that speaks its language.
        try stream.pipeline.syncOperations.addHandlers(
          [
            StalledWriteDeadline(limit: limits.stalledAnswer),
            StreamRequestDeadline(limit: limits.request),
            SnappyStreamCodec(limit: limits.requestByteCount),
          ], position: .first)
      }
    }
    return config
  }

  private static func innermostCause(of error: any Error) -> any Error {
    var innermost = error
    while let wrapped = innermost as? RuntimeError, let cause = wrapped.cause {
      innermost = cause
    }
    return innermost
  }
}
