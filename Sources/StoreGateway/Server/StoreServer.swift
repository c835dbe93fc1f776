internal import GRPCCore
internal import GRPCNIOTransportHTTP2
internal import Logging
internal import ServerRuntime
internal import ServiceLifecycle
internal import StoreAPI
internal import Telemetry

/// The gRPC server: StoreAPI, Info, health and reflection.
///
/// Stops gracefully: no new calls, running ones finish.
struct StoreServer: Service {
  /// Queriers ping every 10 seconds; transports by default hang up on pings closer than 5 minutes.
  private static let minPingInterval = Duration.seconds(5)
  /// Requests are small; a query with ten thousand replica labels still fits.
  private static let maxRequestBytes = 16 << 20
  /// Bytes a client may send ahead.
  private static let windowBytes = 1 << 20
  /// Bounds what one connection can make us hold.
  private static let maxStreams = 1000
  private static let maxFrameBytes = 64 << 10

  let address: ListenAddress
  let maxConnectionAge: Duration
  var store: GatewayStoreService
  let info: InfoService
  let health: HealthService
  let registry: MetricRegistry
  var requestLog: RequestLog?
  let logger: Logger

  func run() async throws {
    let transport = HTTP2ServerTransport.Posix(
      address: Self.socketAddress(address), transportSecurity: .plaintext, config: config)
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
          if let bound = try? await transport.listeningAddress { log(bound) }
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
    var router = RPCRouter<HTTP2ServerTransport.Posix>()
    for service in services { service.registerMethods(with: &router) }
    return router.methods
  }

  private func log(_ bound: SocketAddress) {
    let port = bound.ipv4?.port ?? bound.ipv6?.port ?? address.port
    logger.info(
      "listening for gRPC",
      metadata: ["address": "\(ListenAddress(host: address.host, port: port))"])
  }

  private var config: HTTP2ServerTransport.Posix.Config {
    .defaults { config in
      config.connection.maxAge = maxConnectionAge
      config.connection.keepalive.clientBehavior = .init(
        minPingIntervalWithoutCalls: Self.minPingInterval, allowWithoutCalls: true)
      config.http2.targetWindowSize = Self.windowBytes
      config.http2.maxConcurrentStreams = Self.maxStreams
      config.http2.maxFrameSize = Self.maxFrameBytes
      config.rpc.maxRequestPayloadSize = Self.maxRequestBytes
      config.compression.enabledAlgorithms = [.gzip, .deflate]
    }
  }

  private static func socketAddress(_ address: ListenAddress) -> SocketAddress {
    switch address.host {
    case "localhost": .ipv4(host: "127.0.0.1", port: address.port)
    case let host where host.contains(":"): .ipv6(host: host, port: address.port)
    case let host: .ipv4(host: host, port: address.port)
    }
  }

  private static func innermostCause(of error: any Error) -> any Error {
    var innermost = error
    while let wrapped = innermost as? RuntimeError, let cause = wrapped.cause {
      innermost = cause
    }
    return innermost
  }
}
