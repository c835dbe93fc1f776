/// Credentials written into the configuration.
struct StaticCredentials: CredentialSource {
  let value: Credentials

  func credentials() async throws(CredentialError) -> Credentials? { value }
}

/// The variables that all programs for S3 know.
struct EnvironmentCredentials: CredentialSource {
  let environment: @Sendable (String) -> String?

  func credentials() async throws(CredentialError) -> Credentials? {
    let accessKey = environment("AWS_ACCESS_KEY_ID") ?? environment("AWS_ACCESS_KEY") ?? ""
    let secretKey = environment("AWS_SECRET_ACCESS_KEY") ?? environment("AWS_SECRET_KEY") ?? ""
    guard !accessKey.isEmpty, !secretKey.isEmpty else { return nil }
    return Credentials(
      accessKey: accessKey, secretKey: secretKey, sessionToken: environment("AWS_SESSION_TOKEN"))
  }
}
