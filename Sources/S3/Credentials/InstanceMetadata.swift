internal import NIOHTTP1

/// Credentials of the machine's role, from the metadata service of EC2, version 2: a token first,
/// which a page that a browser opens, or a redirected request, cannot get.
struct InstanceMetadata: CredentialSource {
  private static let service = "http://169.254.169.254"
  private static let roles = "/latest/meta-data/iam/security-credentials/"

  let environment: @Sendable (String) -> String?
  let client: any CredentialClient

  func credentials() async throws(CredentialError) -> Credentials? {
    guard environment("AWS_EC2_METADATA_DISABLED")?.lowercased() != "true" else { return nil }
    let base = endpoint
    let token = try await client.send(
      CredentialRequest(
        method: .PUT, url: base + "/latest/api/token",
        headers: [("x-aws-ec2-metadata-token-ttl-seconds", "21600")]))
    guard token.status == 200 else {
      throw CredentialError(
        "no credentials are set, and the metadata service at \(base) gives no token: status "
          + "\(token.status)", isTransient: token.status >= 500)
    }
    let headers = [("x-aws-ec2-metadata-token", Self.line(token.body))]
    let list = try await client.send(CredentialRequest(url: base + Self.roles, headers: headers))
    let role = Self.line(list.body)
    guard list.status == 200, !role.isEmpty else {
      throw CredentialError(
        "no credentials are set, and the machine has no role: give it one, or write access_key "
          + "and secret_key", isTransient: list.status >= 500)
    }
    let url = base + Self.roles + URIEncoding.encode(role)
    let answer = try await client.send(CredentialRequest(url: url, headers: headers))
    guard answer.status == 200 else {
      throw CredentialError(
        "the metadata service gives no credentials of role \(role): status \(answer.status)",
        isTransient: answer.status >= 500 || answer.status == 404)
    }
    return try CredentialDocument.parse(answer.body, from: "the metadata service")
  }

  private var endpoint: String {
    var text = environment("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? Self.service
    while text.hasSuffix("/") { text.removeLast() }
    return text
  }

  private static func line(_ body: [UInt8]) -> String {
    String(decoding: body.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
      .trimmed.description
  }
}
