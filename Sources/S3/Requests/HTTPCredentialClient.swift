internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1

/// Asks services for credentials: those of the internet as the bucket itself is asked, those of
/// this host without a proxy and without much patience.
struct HTTPCredentialClient: CredentialClient {
  private static let attempts = 3
  private static let answerLimit = 1 << 20

  let direct: any S3Transport
  let secure: any S3Transport

  func send(
    _ request: CredentialRequest
  ) async throws(CredentialError) -> CredentialAnswer {
    let isSecure = request.url.hasPrefix("https://")
    let timeout: Duration = isSecure ? .seconds(15) : .seconds(3)
    var made = HTTPClientRequest(url: request.url)
    made.method = request.method
    for (name, value) in request.headers { made.headers.add(name: name, value: value) }
    if !request.body.isEmpty { made.body = .bytes(ByteBuffer(bytes: request.body)) }
    var last = ""
    for attempt in 1...Self.attempts {
      do {
        let response = try await (isSecure ? secure : direct).send(made, timeout: timeout)
        let body = try await response.body.collect(upTo: Self.answerLimit)
        let answer = CredentialAnswer(
          status: Int(response.status.code), body: Array(body.readableBytesView))
        guard answer.status >= 500, attempt < Self.attempts else { return answer }
      } catch {
        last = TransportErrors.reason(error)
        if Task.isCancelled { break }
      }
      try? await Task.sleep(for: .milliseconds(100 * attempt))
    }
    throw CredentialError("no credentials from \(request.url): \(last)", isTransient: true)
  }
}
