internal import NIOHTTP1
internal import ObjectStore

/// Credentials of a role, given by the security token service for a token in a file, as Kubernetes
/// mounts one for a service account.
struct WebIdentity: CredentialSource {
  let environment: @Sendable (String) -> String?
  /// The configuration's `sts_endpoint`; empty for that of AWS.
  let endpoint: String
  let region: String
  let client: any CredentialClient

  func credentials() async throws(CredentialError) -> Credentials? {
    guard let path = environment("AWS_WEB_IDENTITY_TOKEN_FILE"), !path.isEmpty,
      let role = environment("AWS_ROLE_ARN"), !role.isEmpty
    else { return nil }
    // Read each time: the token is replaced while the program runs.
    guard let bytes = try? await readLocalFile(path) else {
      throw CredentialError("cannot read the web identity token \(path)", isTransient: true)
    }
    let token = String(decoding: bytes, as: UTF8.self).trimmed
    let session = environment("AWS_ROLE_SESSION_NAME") ?? "blockhouse"
    let form = [
      ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
      ("RoleSessionName", session), ("WebIdentityToken", String(token)),
    ].map { "\($0)=\(URIEncoding.encode($1))" }.joined(separator: "&")
    let answer = try await client.send(
      CredentialRequest(
        method: .POST, url: url,
        headers: [("content-type", "application/x-www-form-urlencoded")],
        body: Array(form.utf8)))
    guard answer.status == 200 else {
      throw CredentialError(
        "\(url) refuses the web identity of \(role): \(ErrorAnswer.reason(answer.body, answer.status))",
        isTransient: answer.status >= 500 || answer.status == 429)
    }
    return try Self.parse(answer.body)
  }

  private var url: String {
    let host = endpoint.isEmpty ? environment("AWS_ENDPOINT_URL_STS") ?? "" : endpoint
    if !host.isEmpty { return host.contains("://") ? host : "https://\(host)" }
    let region = environment("AWS_REGION") ?? environment("AWS_DEFAULT_REGION") ?? region
    guard !region.isEmpty else { return "https://sts.amazonaws.com" }
    let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    return "https://sts.\(region).\(domain)"
  }

  static func parse(_ body: [UInt8]) throws(CredentialError) -> Credentials {
    var values: [String: String] = [:]
    do {
      try XMLReader.forEachElement(of: body) { path, text in
        if path.dropLast().last == "Credentials", let name = path.last { values[name] = text }
      }
    } catch {
      throw CredentialError("the security token service answers what is no XML: \(error)")
    }
    guard let accessKey = values["AccessKeyId"], let secretKey = values["SecretAccessKey"],
      let token = values["SessionToken"]
    else { throw CredentialError("the security token service answers without credentials") }
    return Credentials(
      accessKey: accessKey, secretKey: secretKey, sessionToken: token,
      expiration: values["Expiration"].flatMap { SigningTime(iso8601: $0)?.seconds })
  }
}
