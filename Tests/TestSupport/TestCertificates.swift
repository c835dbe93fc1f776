internal import Foundation

/// Makes certificates with the program `openssl`.
public struct CertificateAuthority: Sendable {
  /// A certificate with its key.
  public struct Issued: Sendable {
    public let certificate: String
    public let key: String
  }

  public let directory: String
  public let name: String

  public var certificate: String { "\(directory)/\(name).crt" }
  private var key: String { "\(directory)/\(name).key" }

  /// - Parameter directory: gets all files.
  public init(_ name: String, in directory: String) throws {
    self.directory = directory
    self.name = name
    try openssl(
      ["req", "-x509", "-subj", "/CN=\(name)", "-days", "30", "-keyout", key, "-out", certificate]
        + Self.newKey)
  }

  /// A certificate for servers and clients on this machine.
  ///
  /// - Parameter names: alternative names, as openssl writes them.
  public func issue(
    _ name: String, names: String = "DNS:localhost,IP:127.0.0.1"
  ) throws -> Issued {
    let issued = Issued(
      certificate: "\(directory)/\(name).crt", key: "\(directory)/\(name).key")
    let request = "\(directory)/\(name).csr"
    let extensions = "\(directory)/\(name).ext"
    try Data("subjectAltName=\(names)\n".utf8).write(to: URL(fileURLWithPath: extensions))
    try openssl(
      ["req", "-subj", "/CN=\(name)", "-keyout", issued.key, "-out", request] + Self.newKey)
    try openssl([
      "x509", "-req", "-in", request, "-CA", certificate, "-CAkey", key, "-days", "30",
      "-extfile", extensions, "-out", issued.certificate,
    ])
    return issued
  }

  private static let newKey = [
    "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
  ]

  private func openssl(_ arguments: [String]) throws {
    _ = try runProcess("openssl", arguments, in: directory).requireSuccess()
  }
}

extension CertificateAuthority.Issued {
  /// Puts this pair in the place of another, the way a person would: one file after the other.
  public func replace(_ other: Self) throws {
    for (source, target) in [(certificate, other.certificate), (key, other.key)] {
      let data = try Data(contentsOf: URL(fileURLWithPath: source))
      try data.write(to: URL(fileURLWithPath: target), options: .atomic)
    }
  }
}
