internal import HTTPTypes
internal import Hummingbird
public import Logging
internal import NIOCore
public import ServiceLifecycle
public import Telemetry

/// The HTTP side of a program: `/metrics`, `/-/healthy`, `/-/ready`, and routes of its own.
///
/// Listens from ``run()`` until graceful shutdown, which lets requests under way finish.
public struct AdminServer: Service {
  private static let maximumBodyByteCount = 1 << 20

  private let address: ListenAddress
  private let flag: String
  private let routes: [AdminRoute]
  private let logger: Logger
  private let onListening: @Sendable (Int) async -> Void

  /// - Parameters:
  ///   - flag: The flag the address came from, for the error when it is in use.
  ///   - routes: Come after the standard ones.
  ///   - onListening: Called with the port once the server accepts connections.
  public init(
    address: ListenAddress, flag: String = "--http-address", registry: MetricRegistry,
    probe: Probe, routes: [AdminRoute] = [], logger: Logger,
    onListening: @escaping @Sendable (Int) async -> Void = { _ in }
  ) {
    self.address = address
    self.flag = flag
    self.routes = AdminRoute.standard(registry, probe) + routes
    self.logger = logger
    self.onListening = onListening
  }

  /// - Throws: ``ListenError`` when the address cannot be used.
  public func run() async throws {
    // The framework logs as an error what is none, such as a start that another service ended.
    var frameworkLogger = logger
    frameworkLogger.logLevel = .critical
    let application = Application(
      router: makeRouter(),
      configuration: ApplicationConfiguration(
        address: .hostname(address.host, port: address.port)),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? address.port
        logger.info(
          "listening for HTTP",
          metadata: ["address": "\(ListenAddress(host: address.host, port: port))"])
        await onListening(port)
      },
      logger: frameworkLogger)
    do {
      try await application.run()
    } catch let error where error is IOError || error is SocketAddressError {
      throw ListenError(address: address, flag: flag, error: error)
    }
  }

  private func makeRouter() -> Router<BasicRequestContext> {
    let router = Router(options: .autoGenerateHeadEndpoints)
    for route in routes {
      let method: HTTPRequest.Method =
        switch route.method {
        case .get: .get
        case .post: .post
        }
      router.on(RouterPath(route.path), method: method) { request, _ in
        try await Self.respond(to: request, with: route)
      }
    }
    return router
  }

  private static func respond(
    to request: Request, with route: AdminRoute
  ) async throws -> Response {
    let body = try await request.body.collect(upTo: maximumBodyByteCount)
    var query: [String: String] = [:]
    for (name, value) in request.uri.queryParameters { query[String(name)] = String(value) }
    let answer = await route.respond(
      AdminRequest(
        path: request.uri.path, query: query, accept: request.headers[.accept],
        body: Array(body.readableBytesView)))
    return Response(
      status: HTTPResponse.Status(code: answer.status),
      headers: [.contentType: answer.contentType],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
  }
}
