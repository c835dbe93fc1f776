internal import BlockCatalog
public import ServerRuntime
internal import TSDBBlock

/// `GET /api/v1/blocks`, as Thanos' block viewer asks for it, and the page itself at `/`.
///
///     {"status": "success", "data": {"label": "", "blocks": [meta.json …],
///      "refreshedAt": "2024-04-01T00:00:00Z", "err": null}}
///
/// There are two views: the blocks that the program works on (`?view=loaded`), and all that lie in
/// the bucket (any other word, as in the reference).
public enum BlocksAPI {
  /// Gives the blocks of a view.
  public typealias Source = @Sendable () async -> BlockView.Content

  /// - Parameters:
  ///   - loaded: the blocks that the program works on.
  ///   - all: all blocks of the bucket.
  ///   - label: an external label to group the page by, as `--bucket-web-label` names it.
  public static func routes(
    loaded: @escaping Source, all: @escaping Source, label: String = ""
  ) -> [AdminRoute] {
    func page(_ view: BlocksPage.View, _ source: @escaping Source)
      -> @Sendable (
        AdminRequest
      ) async -> AdminResponse
    {
      { request in
        let page = BlocksPage(
          await source(), filter: request.query["filter"] ?? "", label: label, view: view,
          prefix: request.linkPrefix)
        return AdminResponse(contentType: "text/html; charset=utf-8", text: page.html)
      }
    }
    return [
      AdminRoute(.get, "/", respond: page(.loaded, loaded)),
      AdminRoute(.get, "/blocks", respond: page(.all, all)),
      AdminRoute(.get, "/loaded", respond: page(.loaded, loaded)),
      AdminRoute(.get, "/global", respond: page(.all, all)),
      AdminRoute(.get, "/api/v1/blocks", name: "blocks") { request in
        let source = request.query["view"] == "loaded" ? loaded : all
        return APIAnswer.success(data(await source(), label))
      },
    ]
  }

  private static func data(_ content: BlockView.Content, _ label: String) -> RawJSON {
    let blocks = content.blocks.compactMap { try? RawJSON(parsing: $0.meta.jsonBytes()) }
    return .object([
      "label": .text(label), "blocks": .array(blocks),
      "refreshedAt": .text(UploadTime(milliseconds: content.refreshed).description),
      "err": content.failure.map { .text($0) } ?? .null,
    ])
  }
}
