public import ArgumentParser
public import CommandSupport
internal import Logging
internal import ServerRuntime

/// Flags of the HTTP side that both servers have.
public struct WebOptions: ParsableArguments, Sendable {
  @Option(
    name: .customLong("http-grace-period"),
    help: ArgumentHelp(
      "How long requests may go on when the program is told to stop.", valueName: "duration"))
  public var gracePeriod = PrometheusDuration(milliseconds: 120_000)

  @Option(
    name: .customLong("http.config"),
    help: ArgumentHelp(
      """
      YAML file with TLS, passwords and headers of the HTTP server, in the form of Prometheus' \
      exporter toolkit.
      """, valueName: "path"))
  public var securityPath = ""

  @Flag(name: .customLong("web.disable"), help: "Serve no page and no API of blocks.")
  public var isDisabled = false

  @Option(
    name: .customLong("web.external-prefix"),
    help: ArgumentHelp(
      """
      Path below which a reverse proxy shows this server. Links begin with it; requests are \
      answered with and without it.
      """, valueName: "path"))
  public var externalPrefix = ""

  @Option(
    name: .customLong("web.route-prefix"),
    help: ArgumentHelp("The same.", valueName: "path", visibility: .hidden))
  public var routePrefix = ""

  @Option(
    name: .customLong("web.prefix-header"),
    help: ArgumentHelp(
      """
      Request header, such as X-Forwarded-Prefix, in which a reverse proxy says that path. \
      Without effect beside --web.external-prefix. Clients can send it as well.
      """, valueName: "name"))
  public var prefixHeader = ""

  @Flag(
    name: .customLong("web.disable-cors"),
    help: "Do not let pages of other sites read the API.")
  public var refusesOtherOrigins = false

  @Option(
    name: .customLong("bucket-web-label"),
    help: ArgumentHelp(
      "External label whose value is the title of a group on the page.", valueName: "name"))
  public var titleLabel = ""

  @Flag(
    name: .customLong("enable-admin-operations"),
    help: ArgumentHelp(
      """
      Take POST /api/v1/blocks/mark, which can mark blocks for deletion. Needs passwords or client \
      certificates in --http.config, unless --http-address is of this machine only. Thanos takes it \
      unless it is forbidden; here it must be allowed.
      """))
  public var enablesAdminOperations = false

  @Flag(
    name: .customLong("disable-admin-operations"),
    help: "Do not take it, whatever --enable-admin-operations says.")
  public var disablesAdminOperations = false

  public init() {}

  /// Whether blocks may be marked over HTTP.
  public var allowsMarking: Bool { enablesAdminOperations && !disablesAdminOperations }

  /// What `--http.config` asks for; nil without it.
  func security(
    mustKnowClients: Bool, logger: Logger
  ) async throws(CommandError) -> WebSecurity? {
    guard !securityPath.isEmpty else { return nil }
    do {
      return try await WebSecurity(
        path: securityPath, mustKnowClients: mustKnowClients, logger: logger)
    } catch {
      throw CommandError("--http.config \(error)")
    }
  }

  func configuration(_ address: ListenAddress) -> AdminConfiguration {
    var configuration = AdminConfiguration(address: address)
    configuration.externalPrefix = externalPrefix.isEmpty ? routePrefix : externalPrefix
    configuration.prefixHeader = prefixHeader
    configuration.allowsOtherOrigins = !refusesOtherOrigins
    return configuration
  }
}
