internal import NIOSSL
internal import ObjectStore

/// `tls_config`: how connections to Redis are encrypted.
struct RedisSecurity: Equatable, Sendable {
  var authorityFile = ""
  var certificateFile = ""
  var keyFile = ""
  /// What the certificate must be for, in place of the host of the address.
  var serverName = ""
  var skipsVerification = false
  var minimumVersion = TLSVersion.tlsv12

  private static let versions: [String: TLSVersion] = [
    "1.0": .tlsv1, "1.1": .tlsv11, "1.2": .tlsv12, "1.3": .tlsv13,
  ]

  init() {}

  init(_ node: ConfigurationNode) throws(ConfigurationError) {
    let mapping = try StrictMapping(
      node, name: "tls_config",
      known: [
        "ca_file", "cert_file", "key_file", "server_name", "insecure_skip_verify", "min_version",
      ])
    authorityFile = try mapping.string("ca_file") ?? ""
    certificateFile = try mapping.string("cert_file") ?? ""
    keyFile = try mapping.string("key_file") ?? ""
    serverName = try mapping.string("server_name") ?? ""
    skipsVerification = try mapping.flag("insecure_skip_verify") ?? false
    if let text = try mapping.string("min_version"), !text.isEmpty {
      guard let version = Self.versions[text] else {
        throw mapping.wrong("min_version", "min_version \"\(text)\" must be 1.0, 1.1, 1.2 or 1.3")
      }
      minimumVersion = version
    }
    guard certificateFile.isEmpty == keyFile.isEmpty else {
      throw mapping.wrong(
        certificateFile.isEmpty ? "key_file" : "cert_file",
        "both cert_file and key_file must be given, or none")
    }
  }

  /// Reads the files. Blocks.
  func context() throws(ConfigurationError) -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = minimumVersion
    if skipsVerification { configuration.certificateVerification = .none }
    if !authorityFile.isEmpty {
      configuration.trustRoots = .certificates(try certificates(authorityFile, "ca_file"))
    }
    if !certificateFile.isEmpty {
      configuration.certificateChain = try certificates(certificateFile, "cert_file").map {
        .certificate($0)
      }
      do {
        configuration.privateKey = .privateKey(
          try NIOSSLPrivateKey(file: keyFile, format: .pem))
      } catch {
        throw ConfigurationError(detail: "key_file \(keyFile) cannot be read, or is no key in PEM")
      }
    }
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw ConfigurationError(detail: "tls_config cannot be used: key and certificate differ")
    }
  }

  private func certificates(
    _ path: String, _ key: String
  ) throws(ConfigurationError) -> [NIOSSLCertificate] {
    do {
      return try NIOSSLCertificate.fromPEMFile(path)
    } catch {
      throw ConfigurationError(
        detail: "\(key) \(path) cannot be read, or holds no certificates in PEM")
    }
  }
}
