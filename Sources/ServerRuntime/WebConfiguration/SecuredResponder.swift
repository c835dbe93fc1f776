internal import HTTPTypes
internal import Hummingbird
internal import Telemetry

/// Asks for a password before anything else is done with a request, metrics and probes included,
/// and adds the configured headers to every answer.
struct SecuredResponder<Next: HTTPResponder>: HTTPResponder where Next.Context == AdminContext {
  let next: Next
  let security: WebSecurity
  let refused: Counter
  private let allowance = RequestAllowance()

  init(_ next: Next, security: WebSecurity, registry: MetricRegistry) {
    self.next = next
    self.security = security
    refused = registry.counter(
      "blockhouse_http_requests_refused_total",
      help: "Number of HTTP requests without the right user and password.")
  }

  func respond(to request: Request, context: AdminContext) async throws -> Response {
    let configuration = await security.current()
    var response = try await response(to: request, context, configuration)
    for (name, value) in configuration.headers {
      if let name = HTTPField.Name(name) { response.headers[name] = value }
    }
    return response
  }

  private func response(
    to request: Request, _ context: AdminContext, _ configuration: WebConfiguration
  ) async throws -> Response {
    guard allowance.admits(configuration.rateLimit) else {
      return Self.answer(.tooManyRequests, "Too Many Requests\n")
    }
    switch await verdict(on: request, configuration) {
    case .accepted: return try await next.respond(to: request, context: context)
    case .refused:
      refused.increment()
      var response = Self.answer(.unauthorized, "Unauthorized\n")
      response.headers[.wwwAuthenticate] = "Basic"
      return response
    case .busy:
      var response = Self.answer(.serviceUnavailable, "too many passwords are being looked at\n")
      response.headers[.retryAfter] = "1"
      return response
    }
  }

  private func verdict(
    on request: Request, _ configuration: WebConfiguration
  ) async -> PasswordCheck.Verdict {
    guard !configuration.users.isEmpty else { return .accepted }
    guard let credentials = BasicCredentials(header: request.headers[.authorization]) else {
      return .refused
    }
    return await security.passwords.check(
      user: credentials.user, password: credentials.password, users: configuration.users)
  }

  private static func answer(_ status: HTTPResponse.Status, _ text: String) -> Response {
    Response(
      status: status, headers: [.contentType: "text/plain; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
