internal import AsyncHTTPClient
internal import NIOCore

/// Sends requests over connections that are kept.
protocol S3Transport: Sendable {
  /// The beginning of the answer; its body follows while it is read.
  ///
  /// - Parameter timeout: until the answer begins.
  func send(_ request: HTTPClientRequest, timeout: Duration) async throws -> HTTPClientResponse
}

/// Connections to a store, which are closed when the last user is gone.
final class HTTPTransport: S3Transport {
  private let client: HTTPClient
  /// The host in URLs, where certificates are those of another one.
  private let replacedHost: (from: String, to: String)?

  init(
    _ configuration: HTTPClient.Configuration, replacedHost: (from: String, to: String)? = nil
  ) {
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    self.replacedHost = replacedHost
  }

  func send(
    _ request: HTTPClientRequest, timeout: Duration
  ) async throws -> HTTPClientResponse {
    var request = request
    if let replacedHost { request.url = Self.url(request.url, replacing: replacedHost) }
    let (seconds, attoseconds) = timeout.components
    let wait = TimeAmount.nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    return try await client.execute(request, deadline: .now() + wait)
  }

  private static func url(_ url: String, replacing host: (from: String, to: String)) -> String {
    let beginning = "https://\(host.from)"
    return url.hasPrefix(beginning) ? "https://\(host.to)" + url.dropFirst(beginning.count) : url
  }

  deinit {
    // The client must be told; the task keeps it until its connections are closed.
    let client = client
    Task { try? await client.shutdown() }
  }
}
