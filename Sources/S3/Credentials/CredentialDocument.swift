internal import FoundationEssentials

/// Credentials as the metadata service and the agents of containers write them.
struct CredentialDocument: Decodable {
  private var accessKey: String?
  private var secretKey: String?
  private var token: String?
  private var expiration: String?
  private var code: String?

  private enum CodingKeys: String, CodingKey {
    case accessKey = "AccessKeyId"
    case secretKey = "SecretAccessKey"
    case token = "Token"
    case expiration = "Expiration"
    case code = "Code"
  }

  static func parse(
    _ body: [UInt8], from origin: String
  ) throws(CredentialError) -> Credentials {
    guard let document = try? JSONDecoder().decode(Self.self, from: Data(body)) else {
      throw CredentialError("\(origin) answers what is no JSON of credentials")
    }
    guard (document.code ?? "Success") == "Success", let accessKey = document.accessKey,
      let secretKey = document.secretKey
    else {
      throw CredentialError(
        "\(origin) answers without credentials: \(document.code ?? "no code")", isTransient: true)
    }
    return Credentials(
      accessKey: accessKey, secretKey: secretKey, sessionToken: document.token,
      expiration: document.expiration.flatMap { SigningTime(iso8601: $0)?.seconds })
  }
}
