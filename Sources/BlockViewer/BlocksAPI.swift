public import ServerRuntime
internal import TSDBBlock
internal import Telemetry

/// `GET /api/v1/blocks`, as Thanos' block viewer asks for it, and the page itself at `/`.
///
///     {"status": "success", "data": {"label": "", "blocks": [meta.json …],
///      "refreshedAt": "2024-04-01T00:00:00Z", "err": null}}
public enum BlocksAPI {
  /// - Parameters:
  ///   - loaded: the blocks that the program works on.
  ///   - label: an external label to group the page by, as `--bucket-web-label` names it.
  public static func routes(loaded: BlockView, label: String = "") -> [AdminRoute] {
    let page: @Sendable (AdminRequest) async -> AdminResponse = { request in
      AdminResponse(
        contentType: "text/html; charset=utf-8",
        text: BlocksPage(loaded.content, filter: request.query["filter"] ?? "", label: label)
          .html)
    }
    return [
      AdminRoute(.get, "/", respond: page),
      AdminRoute(.get, "/blocks", respond: page),
      AdminRoute(.get, "/loaded", respond: page),
      AdminRoute(.get, "/api/v1/blocks") { _ in
        json(success(data(loaded.content, label)))
      },
      AdminRoute(.get, "/api/v1/status/buildinfo") { _ in
        json(success(.object([member("version", .string(Array(BuildInfo.version.utf8)))])))
      },
    ]
  }

  private static func data(_ content: BlockView.Content, _ label: String) -> RawJSON {
    let blocks = content.blocks.compactMap { try? RawJSON(parsing: $0.meta.jsonBytes()) }
    let failure = content.failure.map { RawJSON.string(Array($0.utf8)) } ?? .null
    let time = UploadTime(milliseconds: content.refreshed).description
    return .object([
      member("label", .string(Array(label.utf8))),
      member("blocks", .array(blocks)),
      member("refreshedAt", .string(Array(time.utf8))),
      member("err", failure),
    ])
  }

  private static func success(_ data: RawJSON) -> RawJSON {
    .object([member("status", .string(Array("success".utf8))), member("data", data)])
  }

  private static func member(_ key: String, _ value: RawJSON) -> RawJSON.Member {
    RawJSON.Member(key: Array(key.utf8), value: value)
  }

  private static func json(_ value: RawJSON) -> AdminResponse {
    AdminResponse(contentType: "application/json", body: value.compactBytes)
  }
}
