/// How a server secures its connections.
public struct TLSSettings: Equatable, Sendable {
  /// Where PEM text comes from.
  public enum Source: Equatable, Sendable {
    case file(String)
    /// Text that stands in a configuration itself.
    case text(String)
  }

  /// The server's certificate, followed by those between it and a root.
  public var certificate: Source
  /// Its private key, without a passphrase.
  public var key: Source
  /// Certificates that may sign those of clients.
  public var clientAuthority: Source?
  public var clientAuthentication = ClientAuthentication.none
  /// Names one of which the certificate of a client must carry; any, where the list is empty.
  public var allowedClientNames: [String] = []
  public var minimumVersion = ProtocolVersion.tls12
  public var maximumVersion = ProtocolVersion.tls13
  /// For TLS 1.2 and older, best first; the library's choice where it is empty.
  public var ciphers: [CipherSuite] = []
  /// Best first; the library's choice where it is empty.
  public var groups: [KeyExchangeGroup] = []
  /// What is spoken inside, best first: `h2`, `http/1.1`.
  public var applicationProtocols: [String] = []

  public init(certificate: Source, key: Source) {
    self.certificate = certificate
    self.key = key
  }

  var files: [String] {
    [certificate, key, clientAuthority].compactMap {
      if case .file(let path) = $0 { path } else { nil }
    }
  }
}

extension TLSSettings.Source {
  /// What messages call it.
  var name: String {
    switch self {
    case .file(let path): path
    case .text: "in the configuration"
    }
  }
}

/// Why connections cannot be secured, in one line. Never holds bytes of a key.
public struct TLSError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
