internal import AsyncHTTPClient
internal import NIOCore
internal import NIOSSL
internal import ObjectStore
internal import TransportSecurity

extension HTTPTransport {
  private static let connectTimeout = TimeAmount.seconds(30)

  /// Connections as the configuration wants them.
  ///
  /// - Throws: `permanent`, when a file with certificates or keys cannot be used.
  convenience init(
    _ options: S3HTTPOptions, endpoint: S3Endpoint, environment: @escaping (String) -> String?
  ) throws(BucketError) {
    var configuration = HTTPClient.Configuration()
    // A signature is for one host only.
    configuration.redirectConfiguration = .disallow
    configuration.httpVersion = .http1Only
    configuration.decompression = .disabled
    configuration.timeout = .init(
      connect: Self.connectTimeout, read: TimeAmount(options.answerTimeout),
      write: TimeAmount(options.answerTimeout))
    configuration.connectionPool.idleTimeout = TimeAmount(options.idleTimeout)
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
      options.maxConnections > 0 ? options.maxConnections : max(1, options.maxIdleConnections)
    // Our own retries know how often, and tell why.
    configuration.connectionPool.retryConnectionEstablishment = false
    let host = String(S3Endpoint.host(endpoint.authority))
    configuration.proxy = ProxyEnvironment(environment).proxy(
      scheme: endpoint.scheme, authority: endpoint.authority)
    var replaced: (from: String, to: String)?
    if endpoint.scheme == "https" {
      configuration.tlsConfiguration = try Self.configuration(options.tls)
      if !options.tls.serverName.isEmpty, options.tls.serverName != host {
        configuration.dnsOverride[options.tls.serverName] = host
        replaced = (host, options.tls.serverName)
      }
    }
    self.init(configuration, replacedHost: replaced)
  }

  /// Connections to services on the same host or network, which no proxy is to see.
  static func direct() -> HTTPTransport {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.httpVersion = .http1Only
    configuration.timeout = .init(connect: .seconds(2), read: .seconds(5), write: .seconds(5))
    configuration.connectionPool.retryConnectionEstablishment = false
    return HTTPTransport(configuration)
  }

  private static func configuration(_ tls: ClientTLS) throws(BucketError) -> TLSConfiguration {
    do {
      return try tls.configuration()
    } catch {
      throw BucketError(.permanent, .get, object: "tls_config", detail: "\(error)")
    }
  }
}

extension TimeAmount {
  fileprivate init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
