internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
public import ServiceLifecycle
public import Telemetry

/// The HTTP side of a program: `/metrics`, `/-/healthy`, `/-/ready`, and routes of its own.
///
/// Listens from ``run()`` until graceful shutdown, which lets requests under way finish.
public struct AdminServer: Service {
  private let configuration: AdminConfiguration
  private let responder: AdminResponder
  private let registry: MetricRegistry
  private let logger: Logger
  private let onListening: @Sendable (Int) async -> Void

  /// - Parameters:
  ///   - routes: come after the standard ones.
  ///   - requestLog: which requests are logged.
  ///   - onListening: called with the port once the server accepts connections.
  public init(
    configuration: AdminConfiguration, registry: MetricRegistry, probe: Probe,
    routes: [AdminRoute] = [], requestLog: RequestLog? = nil, logger: Logger,
    onListening: @escaping @Sendable (Int) async -> Void = { _ in }
  ) {
    self.configuration = configuration
    self.registry = registry
    self.logger = logger
    self.onListening = onListening
    responder = AdminResponder(
      router: AdminRouter(
        AdminRoute.standard(registry, probe) + routes,
        externalPrefix: configuration.externalPrefix),
      prefixHeader: configuration.prefixHeader,
      allowsOtherOrigins: configuration.allowsOtherOrigins,
      metrics: HTTPMetrics(registry: registry), requestLog: requestLog)
  }

  /// - Throws: ``ListenError`` when the address cannot be used.
  public func run() async throws {
    if let security = configuration.security {
      try await serve(SecuredResponder(responder, security: security, registry: registry))
    } else {
      try await serve(responder)
    }
  }

  private func serve(_ responder: some HTTPResponder<AdminContext>) async throws {
    let address = configuration.address
    // The framework logs as an error what is none, such as a start that another service ended.
    var frameworkLogger = logger
    frameworkLogger.logLevel = .critical
    let application = Application(
      responder: responder,
      server: HTTPServerBuilder { [configuration, logger] respond in
        AdminChannel(
          responder: respond, security: configuration.security, limits: configuration.limits,
          logger: logger)
      },
      configuration: ApplicationConfiguration(
        address: .hostname(address.host, port: address.port)),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? address.port
        logger.info(
          "listening for HTTP",
          metadata: [
            "address": "\(ListenAddress(host: address.host, port: port))",
            "tls": "\(configuration.security?.credentials != nil)",
          ])
        await onListening(port)
      },
      logger: frameworkLogger)
    do {
      try await application.run()
    } catch let error where error is IOError || error is SocketAddressError {
      throw ListenError(address: address, flag: configuration.flag, error: error)
    }
  }
}
