internal import NIOHTTP1

/// A small request to a service that gives credentials.
struct CredentialRequest: Sendable {
  var method: HTTPMethod = .GET
  var url: String
  var headers: [(String, String)] = []
  var body: [UInt8] = []
}

/// Its answer, read completely.
struct CredentialAnswer: Sendable {
  var status: Int
  var body: [UInt8]
}

/// Sends such requests.
protocol CredentialClient: Sendable {
  /// - Throws: ``CredentialError``, transient, when there is no answer in time.
  func send(_ request: CredentialRequest) async throws(CredentialError) -> CredentialAnswer
}
