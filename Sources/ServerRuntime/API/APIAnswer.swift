package import TSDBBlock

/// The envelope of all answers of `/api/v1`:
///
///     {"status": "success", "data": …, "warnings": ["…"]}
///     {"status": "error", "errorType": "bad_data", "error": "why"}
package enum APIAnswer {
  /// What went wrong, as clients of the reference know it.
  package enum Failure: String, Sendable {
    case badData = "bad_data"
    case unavailable
    case `internal`

    var status: Int {
      switch self {
      case .badData: 400
      case .unavailable: 503
      case .internal: 500
      }
    }
  }

  package static func success(_ data: RawJSON, warnings: [String] = []) -> AdminResponse {
    var members: [RawJSON.Member] = [
      .init(key: Array("status".utf8), value: .text("success")),
      .init(key: Array("data".utf8), value: data),
    ]
    if !warnings.isEmpty {
      members.append(
        .init(key: Array("warnings".utf8), value: .array(warnings.map { .text($0) })))
    }
    return json(.object(members), status: 200)
  }

  /// The answer of a call that has nothing to tell.
  package static let done = AdminResponse(status: 204, body: [])

  package static func failure(_ kind: Failure, _ message: String) -> AdminResponse {
    json(
      .object([
        "status": .text("error"), "errorType": .text(kind.rawValue), "error": .text(message),
      ]), status: kind.status)
  }

  package static func json(_ value: RawJSON, status: Int = 200) -> AdminResponse {
    AdminResponse(status: status, contentType: "application/json", body: value.compactBytes)
  }
}
