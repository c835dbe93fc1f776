internal import Telemetry

/// One more path of an ``AdminServer``.
public struct AdminRoute: Sendable {
  public let method: AdminMethod
  public let path: String
  let respond: @Sendable (AdminRequest) async -> AdminResponse

  public init(
    _ method: AdminMethod = .get, _ path: String,
    respond: @escaping @Sendable (AdminRequest) async -> AdminResponse
  ) {
    self.method = method
    self.path = path
    self.respond = respond
  }
}

public enum AdminMethod: Sendable {
  case get, post
}

public struct AdminRequest: Sendable {
  public let path: String
  /// The last value of each parameter behind the question mark, decoded.
  public let query: [String: String]
  /// The header `Accept`.
  public let accept: String?
  /// At most 1 MiB.
  public let body: [UInt8]
}

public struct AdminResponse: Sendable {
  public var status: Int
  public var contentType: String
  public var body: [UInt8]

  public init(
    status: Int = 200, contentType: String = "text/plain; charset=utf-8", body: [UInt8]
  ) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  public init(
    status: Int = 200, contentType: String = "text/plain; charset=utf-8", text: String
  ) {
    self.init(status: status, contentType: contentType, body: Array(text.utf8))
  }
}

extension AdminRoute {
  /// What every server has.
  static func standard(_ registry: MetricRegistry, _ probe: Probe) -> [AdminRoute] {
    [
      AdminRoute(.get, "/metrics") { request in
        let format = ExpositionFormat.preferred(byAccept: request.accept)
        return AdminResponse(
          contentType: format.contentType, text: registry.exposition(format))
      },
      AdminRoute(.get, "/-/healthy") { _ in answer(probe.isHealthy) },
      AdminRoute(.get, "/-/ready") { _ in answer(probe.isReady) },
    ]
  }

  private static func answer(_ isTrue: Bool) -> AdminResponse {
    AdminResponse(status: isTrue ? 200 : 503, text: isTrue ? "OK" : "NOT OK")
  }
}
