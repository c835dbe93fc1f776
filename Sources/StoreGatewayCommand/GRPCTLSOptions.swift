internal import ArgumentParser
internal import CommandSupport
internal import Logging
internal import TransportSecurity

/// The flags that secure the gRPC port.
struct GRPCTLSOptions: ParsableArguments {
  @Option(
    name: .customLong("grpc-server-tls-cert"),
    help: ArgumentHelp(
      "Certificate of the gRPC server, PEM; without it connections are not encrypted. Read again "
        + "when the file changes.", valueName: "path"))
  var certificate = ""

  @Option(
    name: .customLong("grpc-server-tls-key"),
    help: ArgumentHelp("Its private key, PEM.", valueName: "path"))
  var key = ""

  @Option(
    name: .customLong("grpc-server-tls-client-ca"),
    help: ArgumentHelp(
      "Certificates that sign those of clients, PEM. With it clients must have one.",
      valueName: "path"))
  var clientAuthority = ""

  @Option(
    name: .customLong("grpc-server-tls-min-version"),
    help: ArgumentHelp("Oldest version of TLS: 1.0 to 1.3.", valueName: "version"),
    transform: {
      guard let version = ProtocolVersion(number: $0) else {
        throw ValidationError("use 1.0, 1.1, 1.2 or 1.3")
      }
      return version
    })
  var minimumVersion = ProtocolVersion.tls13

  @Option(
    name: .customLong("grpc-server-tls-ciphers"),
    help: ArgumentHelp(
      "Cipher suite for TLS 1.2 and older, by its name in Go; again for more, best first.",
      valueName: "name"),
    transform: {
      guard let cipher = CipherSuite(name: $0) else {
        throw ValidationError("known are \(CipherSuite.names.joined(separator: ", "))")
      }
      return cipher
    })
  var ciphers: [CipherSuite] = []

  @Option(
    name: .customLong("grpc-server-tls-curves"),
    help: ArgumentHelp(
      "Curve for key exchange, by its name in Go; again for more, best first.",
      valueName: "name"),
    transform: {
      guard let group = KeyExchangeGroup(name: $0) else {
        throw ValidationError("known are \(KeyExchangeGroup.names.joined(separator: ", "))")
      }
      return group
    })
  var groups: [KeyExchangeGroup] = []

  func validate() throws {
    guard certificate.isEmpty == key.isEmpty else {
      throw ValidationError(
        "--grpc-server-tls-cert and --grpc-server-tls-key belong together; give both or none")
    }
    guard clientAuthority.isEmpty || !certificate.isEmpty else {
      throw ValidationError(
        "--grpc-server-tls-client-ca needs --grpc-server-tls-cert and --grpc-server-tls-key")
    }
    guard groups.isEmpty || groups.contains(where: \.isSupported) else {
      throw ValidationError(
        "none of --grpc-server-tls-curves can be used here; add --grpc-server-tls-curves=X25519")
    }
  }

  /// Nil where connections are not encrypted.
  ///
  /// - Throws: ``CommandError``, which names the file.
  func credentials(logger: Logger) async throws(CommandError) -> TLSCredentials? {
    guard !certificate.isEmpty else { return nil }
    var settings = TLSSettings(certificate: .file(certificate), key: .file(key))
    if !clientAuthority.isEmpty {
      settings.clientAuthority = .file(clientAuthority)
      settings.clientAuthentication = .verified
    }
    settings.minimumVersion = minimumVersion
    settings.ciphers = ciphers
    settings.groups = groups
    settings.applicationProtocols = ["h2"]
    for group in groups where !group.isSupported {
      logger.warning(
        "the curve is not known to the TLS library and is left out",
        metadata: ["curve": "\(group.name)", "flag": "--grpc-server-tls-curves"])
    }
    do {
      return try await TLSCredentials(settings, logger: logger)
    } catch {
      throw CommandError("--grpc-server-tls-cert: \(error)")
    }
  }
}
