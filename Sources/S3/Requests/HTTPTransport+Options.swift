internal import AsyncHTTPClient
internal import NIOCore
internal import NIOSSL
internal import ObjectStore

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
      configuration.tlsConfiguration = try Self.tls(options)
      if !options.serverName.isEmpty, options.serverName != host {
        configuration.dnsOverride[options.serverName] = host
        replaced = (host, options.serverName)
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

  private static func tls(_ options: S3HTTPOptions) throws(BucketError) -> TLSConfiguration {
    var tls = TLSConfiguration.makeClientConfiguration()
    if options.skipsVerification { tls.certificateVerification = .none }
    if !options.caFile.isEmpty {
      tls.trustRoots = .certificates(try certificates(options.caFile))
    }
    if !options.certificateFile.isEmpty {
      tls.certificateChain = try certificates(options.certificateFile).map { .certificate($0) }
      do {
        tls.privateKey = .privateKey(
          try NIOSSLPrivateKey(file: options.keyFile, format: .pem))
      } catch {
        throw Self.unusable(options.keyFile, "it holds no private key in PEM form")
      }
    }
    return tls
  }

  private static func certificates(
    _ path: String
  ) throws(BucketError) -> [NIOSSLCertificate] {
    guard let found = try? NIOSSLCertificate.fromPEMFile(path), !found.isEmpty else {
      throw unusable(path, "it holds no certificates in PEM form")
    }
    return found
  }

  private static func unusable(_ path: String, _ reason: String) -> BucketError {
    BucketError(.permanent, .get, object: path, detail: "\(reason), or cannot be read")
  }
}

extension TimeAmount {
  fileprivate init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
