/// How an ``AdminServer`` listens and answers.
public struct AdminConfiguration: Sendable {
  public var address: ListenAddress
  /// The flag the address came from, for the error when it is in use.
  public var flag = "--http-address"
  /// The path below which a reverse proxy shows this server.
  public var externalPrefix = ""
  /// The request header in which a reverse proxy says that path, where it is not configured.
  /// Clients can send it too: only for servers behind a proxy that sets it.
  public var prefixHeader = ""
  /// Pages of other sites may read the API.
  public var allowsOtherOrigins = true
  /// TLS, passwords and headers; nil for none of them.
  public var security: WebSecurity?
  /// What clients may do to a connection.
  var limits = AdminChannel.Limits()

  public init(address: ListenAddress) { self.address = address }
}
