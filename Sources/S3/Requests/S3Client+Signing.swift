internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1

extension S3Client {
  /// The request as it is sent.
  func sign(
    _ request: S3Request, _ credentials: Credentials, _ endpoint: S3Endpoint, region: String,
    offset: Int64
  ) -> HTTPClientRequest {
    let time = SigningTime(seconds: (now() + offset) / 1000)
    let payload = request.payloadHash ?? payload(request.body)
    var headers = request.headers
    headers.append(("host", endpoint.authority))
    headers.append(("x-amz-date", time.stamp))
    headers.append(("x-amz-content-sha256", payload))
    if let token = credentials.sessionToken { headers.append(("x-amz-security-token", token)) }
    let path = endpoint.path(request.key)
    let query = request.query.map {
      (name: URIEncoding.encode($0.name), value: URIEncoding.encode($0.value))
    }
    let authorization = SigV4(credentials: credentials, region: region).authorization(
      method: request.method.rawValue, path: path, query: query, headers: headers,
      payload: payload, time: time)
    var made = HTTPClientRequest(
      url: endpoint.url(path: path, query: SigV4.canonicalQuery(query)))
    made.method = request.method
    for (name, value) in headers { made.headers.add(name: name, value: value) }
    made.headers.add(name: "authorization", value: authorization)
    made.headers.add(name: "user-agent", value: "blockhouse")
    switch request.body {
    case .none: break
    case .bytes(let bytes): made.body = .bytes(ByteBuffer(bytes: bytes))
    case .file(let part):
      made.body = .stream(part.pieces, length: .known(Int64(part.byteCount)))
    }
    return made
  }

  private func payload(_ body: S3Request.Body) -> String {
    switch body {
    case .none: Digests.hex(Digests.sha256([]))
    case .bytes(let bytes): Digests.hex(Digests.sha256(bytes))
    case .file: SigV4.unsignedPayload
    }
  }
}
