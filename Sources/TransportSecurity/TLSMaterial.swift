internal import NIOSSL
internal import ObjectStore

/// Certificates and keys as read from their files. Blocking.
struct TLSMaterial {
  private let settings: TLSSettings

  init(_ settings: TLSSettings) { self.settings = settings }

  /// Reads all files and puts them together.
  func makeServerTLS() throws(TLSError) -> ServerTLS {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try certificates(settings.certificate, "certificate").map {
        .certificate($0)
      },
      privateKey: .privateKey(try privateKey()))
    configuration.minimumTLSVersion = settings.minimumVersion.libraryVersion
    configuration.maximumTLSVersion = settings.maximumVersion.libraryVersion
    configuration.applicationProtocols = settings.applicationProtocols
    let ciphers = settings.ciphers.filter { !$0.isFixed }.map(\.cipher)
    if !ciphers.isEmpty { configuration.cipherSuiteValues = ciphers }
    let curves = settings.groups.compactMap(\.curve)
    if !curves.isEmpty { configuration.curves = curves }
    switch settings.clientAuthentication {
    case .none: configuration.certificateVerification = .none
    case .requested, .verifiedIfGiven:
      configuration.certificateVerification = .optionalVerification
    case .anyRequired, .verified:
      configuration.certificateVerification = .noHostnameVerification
    }
    if let authority = settings.clientAuthority {
      configuration.trustRoots = .certificates(
        try certificates(authority, "certificate authority of clients"))
      configuration.sendCANameList = true
    }
    do {
      return ServerTLS(
        context: try NIOSSLContext(configuration: configuration),
        verifies: settings.clientAuthentication.verifies,
        allowedClientNames: Set(settings.allowedClientNames))
    } catch {
      throw TLSError(
        "the key \(settings.key.name) does not belong to the certificate "
          + "\(settings.certificate.name), or one of them cannot be used")
    }
  }

  private func certificates(
    _ source: TLSSettings.Source, _ what: String
  ) throws(TLSError) -> [NIOSSLCertificate] {
    let bytes = try bytes(source, what)
    guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty
    else { throw TLSError("the \(what) \(source.name) is no certificate in PEM form") }
    return certificates
  }

  private func privateKey() throws(TLSError) -> NIOSSLPrivateKey {
    let bytes = try bytes(settings.key, "key")
    guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
      throw TLSError(
        "the key \(settings.key.name) is no private key in PEM form without a passphrase")
    }
    return key
  }

  private func bytes(
    _ source: TLSSettings.Source, _ what: String
  ) throws(TLSError) -> [UInt8] {
    switch source {
    case .text(let text): return Array(text.utf8)
    case .file(let path):
      do {
        return try LocalFile.bytes(path)
      } catch {
        throw TLSError("cannot read the \(what) \(path): \(error.detail)")
      }
    }
  }
}
