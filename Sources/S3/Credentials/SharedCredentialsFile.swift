internal import ObjectStore

/// The file `~/.aws/credentials`, one section of which is the profile in use.
///
///     [default]
///     aws_access_key_id = …
///     aws_secret_access_key = …
///     aws_session_token = …
struct SharedCredentialsFile: CredentialSource {
  let environment: @Sendable (String) -> String?

  func credentials() async throws(CredentialError) -> Credentials? {
    let named = environment("AWS_SHARED_CREDENTIALS_FILE")
    guard let path = named ?? environment("HOME").map({ $0 + "/.aws/credentials" }) else {
      return nil
    }
    guard let bytes = try? await readLocalFile(path) else {
      guard named == nil else { throw CredentialError("cannot read the credentials file \(path)") }
      return nil
    }
    let profile = environment("AWS_PROFILE") ?? environment("AWS_DEFAULT_PROFILE")
    let section = Self.section(profile ?? "default", of: String(decoding: bytes, as: UTF8.self))
    guard let section else {
      guard let profile else { return nil }
      throw CredentialError("\(path) has no profile [\(profile)]")
    }
    guard let accessKey = section["aws_access_key_id"],
      let secretKey = section["aws_secret_access_key"]
    else { return nil }
    return Credentials(
      accessKey: accessKey, secretKey: secretKey, sessionToken: section["aws_session_token"])
  }

  /// Keys, in small letters, and values of a section; nil when there is none of this name.
  static func section(_ name: String, of text: String) -> [String: String]? {
    var current: String?
    var values: [String: String]?
    for line in text.split(whereSeparator: \.isNewline) {
      let line = line.trimmed
      if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
      if line.hasPrefix("["), line.hasSuffix("]") {
        current = String(line.dropFirst().dropLast().trimmed)
        if current == name { values = values ?? [:] }
        continue
      }
      guard current == name, let sign = line.firstIndex(of: "=") else { continue }
      let key = line[..<sign].trimmed.lowercased()
      values?[key] = String(line[line.index(after: sign)...].trimmed)
    }
    return values
  }
}

extension StringProtocol {
  /// Without white space at both ends.
  var trimmed: Substring {
    var text = Substring(self)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
