internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Telemetry

/// Answers one request: finds the route, counts and logs, adds headers, compresses.
struct AdminResponder: HTTPResponder {
  private static let maximumBodyByteCount = 1 << 20

  let router: AdminRouter
  let prefixHeader: String
  let allowsOtherOrigins: Bool
  let metrics: HTTPMetrics
  let requestLog: RequestLog?

  func respond(to request: Request, context: AdminContext) async throws -> Response {
    let start = ContinuousClock.now
    let method = request.method.rawValue
    let path = router.localPath(request.uri.path)
    let match = router.match(method: method, path: path)
    let (handler, label) = (Self.handler(of: match), HTTPMetrics.label(ofMethod: method))
    let inflight = metrics.begin(handler: handler, method: label)
    defer { inflight.add(-1) }
    let id = RequestID.accepting(request.headers[.requestID])
    let log = requestLog?.http(
      method: method, path: path, port: context.localPort, peer: context.peer, id: id)
    log?.start()

    let (answer, allowed, requestBytes) = try await answer(
      to: request, path: path, id: id, match: match)
    let response = response(
      answer, to: request, isAPI: path.hasPrefix("/api/"), id: id, allowed: allowed)
    let duration = ContinuousClock.now - start
    metrics.finish(
      handler: handler, method: label, status: answer.status, requestBytes: requestBytes,
      responseBytes: response.body.contentLength ?? 0, duration: duration)
    log?.finish(status: answer.status, duration: duration)
    return response
  }

  private static func handler(of match: AdminRouter.Match) -> String {
    if case .route(let route) = match { route.name } else { "none" }
  }

  private func answer(
    to request: Request, path: String, id: String, match: AdminRouter.Match
  ) async throws -> (AdminResponse, allowed: String?, requestBytes: Int) {
    if request.method == .options, path.hasPrefix("/api/") {
      return (AdminResponse(status: 204, body: []), "GET, POST, OPTIONS", 0)
    }
    switch match {
    case .notFound:
      return (
        AdminResponse(status: 404, text: "404 there is no \(path)\n"), nil, 0
      )
    case .methodNotAllowed(let methods):
      let allowed = methods.map(\.rawValue).joined(separator: ", ")
      return (
        AdminResponse(status: 405, text: "405 \(path) takes \(allowed)\n"), allowed, 0
      )
    case .route(let route):
      // A page of another site can send a form here; browsers say that it does.
      if route.method == .post, request.headers[.fetchSite] == "cross-site" {
        return (
          AdminResponse(status: 403, text: "403 forms of other sites are not taken\n"), nil, 0
        )
      }
      let body: [UInt8]
      do {
        let buffer = try await request.body.collect(upTo: Self.maximumBodyByteCount)
        body = Array(buffer.readableBytesView)
      } catch is NIOTooManyBytesError {
        return (AdminResponse(status: 413, text: "413 at most 1 MiB\n"), nil, 0)
      }
      let answer = await route.respond(
        AdminRequest(
          path: path, query: AdminRequest.fields(ofForm: request.uri.query ?? ""),
          accept: request.headers[.accept], linkPrefix: linkPrefix(request.headers), id: id,
          body: body))
      return (answer, nil, body.count)
    }
  }

  /// What links begin with: the configured prefix, else what a proxy says.
  private func linkPrefix(_ headers: HTTPFields) -> String {
    guard router.externalPrefix.isEmpty, let name = HTTPField.Name(prefixHeader),
      let value = headers[name], value.utf8.allSatisfy(Self.isPathByte)
    else { return router.externalPrefix }
    return AdminRouter.normalized(prefix: value)
  }

  private static func isPathByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"),
      UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  private func response(
    _ answer: AdminResponse, to request: Request, isAPI: Bool, id: String, allowed: String?
  ) -> Response {
    var headers: HTTPFields = [.requestID: id]
    if !answer.body.isEmpty { headers[.contentType] = answer.contentType }
    if let allowed { headers[.allow] = allowed }
    if isAPI, allowsOtherOrigins {
      headers[.accessControlAllowOrigin] = "*"
      headers[.accessControlAllowMethods] = "GET, POST, OPTIONS"
      headers[.accessControlAllowHeaders] =
        "Accept, Accept-Encoding, Authorization, Content-Type, Origin, X-Request-ID"
      headers[.accessControlExposeHeaders] = "Date, X-Request-ID"
    }
    var body = answer.body
    if body.count >= Gzip.smallestWorthwhile {
      headers[.vary] = "Accept-Encoding"
      if Gzip.isAccepted(by: request.headers[.acceptEncoding]),
        let compressed = Gzip.compressed(body)
      {
        headers[.contentEncoding] = "gzip"
        body = compressed
      }
    }
    let response = Response(
      status: HTTPResponse.Status(code: answer.status), headers: headers,
      body: body.isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    return request.method == .head ? response.createHeadResponse() : response
  }
}

/// What is known of the connection of a request.
struct AdminContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let peer: String
  let localPort: Int

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    let remote = source.channel.remoteAddress
    peer =
      remote.flatMap { address in
        address.ipAddress.map { "\(ListenAddress(host: $0, port: address.port ?? 0))" }
      } ?? ""
    localPort = source.channel.localAddress?.port ?? 0
  }
}

extension HTTPField.Name {
  fileprivate static let requestID = Self("X-Request-ID")!
  fileprivate static let fetchSite = Self("Sec-Fetch-Site")!
}
