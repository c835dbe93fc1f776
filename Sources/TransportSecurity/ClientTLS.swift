package import NIOSSL
package import ObjectStore

/// `tls_config`: how connections to a store or a cache are encrypted.
public struct ClientTLS: Equatable, Sendable {
  /// PEM files; empty for none.
  public var authorityFile = ""
  public var certificateFile = ""
  public var keyFile = ""
  /// What the certificate must be for, in place of the host of the address.
  public var serverName = ""
  public var skipsVerification = false
  public var minimumVersion = ProtocolVersion.tls12

  public init() {}

  /// - Parameter hasVersion: whether the document may say `min_version`.
  package init(_ node: ConfigurationNode, hasVersion: Bool) throws(ConfigurationError) {
    let mapping = try StrictMapping(
      node, name: "tls_config",
      known: ["ca_file", "cert_file", "key_file", "server_name", "insecure_skip_verify"]
        + (hasVersion ? ["min_version"] : []))
    authorityFile = try mapping.string("ca_file") ?? ""
    certificateFile = try mapping.string("cert_file") ?? ""
    keyFile = try mapping.string("key_file") ?? ""
    serverName = try mapping.string("server_name") ?? ""
    skipsVerification = try mapping.flag("insecure_skip_verify") ?? false
    if hasVersion, let text = try mapping.string("min_version"), !text.isEmpty {
      guard let version = ProtocolVersion(number: text) else {
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
  package func configuration() throws(ConfigurationError) -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = minimumVersion.libraryVersion
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
    return configuration
  }

  /// Reads the files, and compares key and certificate. Blocks.
  package func context() throws(ConfigurationError) -> NIOSSLContext {
    let configuration = try configuration()
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw ConfigurationError(detail: "tls_config cannot be used: key and certificate differ")
    }
  }

  private func certificates(
    _ path: String, _ key: String
  ) throws(ConfigurationError) -> [NIOSSLCertificate] {
    guard let found = try? NIOSSLCertificate.fromPEMFile(path), !found.isEmpty else {
      throw ConfigurationError(
        detail: "\(key) \(path) cannot be read, or holds no certificates in PEM")
    }
    return found
  }
}
