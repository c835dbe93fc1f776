/// What requests are signed with. Never shown: its text names the access key's last letters only.
struct Credentials: Equatable, Sendable, CustomStringConvertible {
  var accessKey: String
  var secretKey: String
  /// Of temporary credentials; sent beside the signature.
  var sessionToken: String?
  /// Seconds since 1970; nil for credentials that stay.
  var expiration: Int64?

  init(
    accessKey: String, secretKey: String, sessionToken: String? = nil, expiration: Int64? = nil
  ) {
    self.accessKey = accessKey
    self.secretKey = secretKey
    self.sessionToken = (sessionToken ?? "").isEmpty ? nil : sessionToken
    self.expiration = expiration
  }

  var description: String { "credentials …\(accessKey.suffix(4))" }
}

/// Why there are no credentials, without anything that is secret.
struct CredentialError: Error, Equatable, Sendable, CustomStringConvertible {
  var description: String
  /// Whether asking again may help.
  var isTransient: Bool

  init(_ description: String, isTransient: Bool = false) {
    self.description = description
    self.isTransient = isTransient
  }
}

/// One place where credentials may come from.
protocol CredentialSource: Sendable {
  /// Nil when this place is not set up, so that the next one is asked.
  ///
  /// - Throws: ``CredentialError`` when it is, and does not give any.
  func credentials() async throws(CredentialError) -> Credentials?
}
