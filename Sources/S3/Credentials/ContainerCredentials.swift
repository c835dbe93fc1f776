internal import ObjectStore

/// Credentials of a task, from the agent of ECS or EKS on the same host.
struct ContainerCredentials: CredentialSource {
  private static let agent = "http://169.254.170.2"
  /// Where a token may be sent without encryption: this host, and the agents.
  private static let trustedHosts = [
    "localhost", "127.0.0.1", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]",
  ]

  let environment: @Sendable (String) -> String?
  let client: any CredentialClient

  func credentials() async throws(CredentialError) -> Credentials? {
    let url: String
    if let path = environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"), !path.isEmpty {
      url = Self.agent + path
    } else if let full = environment("AWS_CONTAINER_CREDENTIALS_FULL_URI"), !full.isEmpty {
      guard Self.isTrusted(full) else {
        throw CredentialError(
          "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or http on this host; it is \(full)")
      }
      url = full
    } else {
      return nil
    }
    var headers: [(String, String)] = [("accept", "application/json")]
    if let token = try await token() { headers.append(("authorization", token)) }
    let answer = try await client.send(CredentialRequest(url: url, headers: headers))
    guard answer.status == 200 else {
      throw CredentialError(
        "the container's agent at \(url) answers with status \(answer.status)",
        isTransient: answer.status >= 500 || answer.status == 429)
    }
    return try CredentialDocument.parse(answer.body, from: url)
  }

  private func token() async throws(CredentialError) -> String? {
    if let path = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"), !path.isEmpty {
      guard let bytes = try? await readLocalFile(path) else {
        throw CredentialError("cannot read the token of the container, \(path)", isTransient: true)
      }
      return String(String(decoding: bytes, as: UTF8.self).trimmed)
    }
    return environment("AWS_CONTAINER_AUTHORIZATION_TOKEN")
  }

  static func isTrusted(_ url: String) -> Bool {
    if url.hasPrefix("https://") { return true }
    guard url.hasPrefix("http://") else { return false }
    let authority = url.dropFirst("http://".count).prefix { $0 != "/" && $0 != "?" }
    return trustedHosts.contains { host in
      authority == host[...] || authority.hasPrefix(host + ":")
    }
  }
}
