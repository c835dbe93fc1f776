/// Signatures of version 4.
///
///     canonical request ─► SHA-256 ─► string to sign ─► HMAC with a key of day, region, service
///
/// All headers given are signed, in order of their names.
struct SigV4: Sendable {
  /// In place of the body's hash where the connection protects the body.
  static let unsignedPayload = "UNSIGNED-PAYLOAD"
  static let algorithm = "AWS4-HMAC-SHA256"

  let credentials: Credentials
  let region: String
  var service = "s3"

  /// The value of the header Authorization.
  ///
  /// - Parameters:
  ///   - path: percent-encoded.
  ///   - query: percent-encoded names and values.
  ///   - headers: names in small letters; host and x-amz-date among them.
  ///   - payload: SHA-256 of the body in hexadecimal digits, or ``unsignedPayload``.
  func authorization(
    method: String, path: String, query: [(name: String, value: String)],
    headers: [(name: String, value: String)], payload: String, time: SigningTime
  ) -> String {
    let sorted = headers.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let names = sorted.map(\.name).joined(separator: ";")
    let request = Self.canonicalRequest(
      method: method, path: path, query: query, sortedHeaders: sorted, names: names,
      payload: payload)
    let scope = "\(time.day)/\(region)/\(service)/aws4_request"
    let text = """
      \(Self.algorithm)
      \(time.stamp)
      \(scope)
      \(Digests.hex(Digests.sha256(Array(request.utf8))))
      """
    var key = Array("AWS4\(credentials.secretKey)".utf8)
    for part in [time.day, region, service, "aws4_request"] {
      key = Digests.hmac(part, key: key)
    }
    let signature = Digests.hex(Digests.hmac(text, key: key))
    return "\(Self.algorithm) Credential=\(credentials.accessKey)/\(scope), "
      + "SignedHeaders=\(names), Signature=\(signature)"
  }

  static func canonicalRequest(
    method: String, path: String, query: [(name: String, value: String)],
    sortedHeaders: [(name: String, value: String)], names: String, payload: String
  ) -> String {
    let parameters = canonicalQuery(query)
    let lines = sortedHeaders.map { "\($0.name):\(normalized($0.value))\n" }.joined()
    return "\(method)\n\(path)\n\(parameters)\n\(lines)\n\(names)\n\(payload)"
  }

  /// Sorted by the encoded names, then the values: also what is sent.
  static func canonicalQuery(_ query: [(name: String, value: String)]) -> String {
    query.sorted { left, right in
      if left.name == right.name {
        return left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
      }
      return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
  }

  /// Without white space at the ends, and with single spaces inside.
  private static func normalized(_ value: String) -> String {
    value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
  }
}
