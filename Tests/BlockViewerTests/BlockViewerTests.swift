import TSDBBlock
import TestSupport
import Testing

@testable import BlockViewer
@testable import ServerRuntime

struct BlockViewerTests {
  @Test func `the API answers as the reference's`() async throws {
    let view = BlockView()
    view.show(Self.blocks, now: 1_700_000_000_000)
    let answer = try await get("/api/v1/blocks", view, ["view": "loaded"])
    let json = try JSONValue(parsing: answer.body)
    #expect(answer.contentType == "application/json")
    #expect(json["status"].string == "success")
    #expect(json["data"]["refreshedAt"].string == "2023-11-14T22:13:20Z")
    #expect(json["data"]["err"].isNull)
    let blocks = json["data"]["blocks"].array ?? []
    #expect(blocks.map { $0["ulid"].string } == Self.blocks.map { "\($0.meta.id)" }.sorted())
    #expect(blocks.first?["thanos"]["labels"]["cluster"].string != nil)
  }

  @Test func `a failed look keeps the blocks and says why`() async throws {
    let view = BlockView()
    view.show(Self.blocks, now: 1)
    view.fail("cannot list: timeout")
    let json = try JSONValue(
      parsing: try await get("/api/v1/blocks", view, ["view": "loaded"]).body)
    #expect(json["data"]["err"].string == "cannot list: timeout")
    #expect(json["data"]["blocks"].array?.count == Self.blocks.count)
    let page = String(decoding: try await get("/", view).body, as: UTF8.self)
    #expect(page.contains("The last look failed: cannot list: timeout"))
  }

  @Test func `the page shows each block in a group of its labels`() async throws {
    let view = BlockView()
    view.show(Self.blocks, now: 1_700_000_000_000)
    let page = String(decoding: try await get("/", view).body, as: UTF8.self)
    for block in Self.blocks { #expect(page.contains("\(block.meta.id)")) }
    #expect(page.components("<section>") == 2)
    #expect(page.components("<rect ") == Self.blocks.count)
    #expect(page.contains("marked for deletion"))
  }

  @Test func `the two views have pages and answers of their own`() async throws {
    let loaded = BlockView()
    loaded.show([Self.blocks[0]], now: 1)
    let all = BlockView()
    all.show(Self.blocks, now: 1)
    let routes = BlocksAPI.routes(loaded: { loaded.content }, all: { all.content })
    func count(_ view: String?) async throws -> Int? {
      let route = try #require(routes.first { $0.path == "/api/v1/blocks" })
      let query = view.map { ["view": $0] } ?? [:]
      let answer = await route.respond(AdminRequest(path: route.path, query: query))
      return try JSONValue(parsing: answer.body)["data"]["blocks"].array?.count
    }
    #expect(try await count("loaded") == 1)
    #expect(try await count("global") == 4)
    #expect(try await count(nil) == 4)
    for (path, rectangles) in [("/", 1), ("/loaded", 1), ("/blocks", 4), ("/global", 4)] {
      let route = try #require(routes.first { $0.path == path })
      let answer = await route.respond(AdminRequest(path: path, linkPrefix: "/p"))
      let page = String(decoding: answer.body, as: UTF8.self)
      #expect(page.components("<rect ") == rectangles)
      #expect(page.contains("href=\"/p/metrics\""))
    }
  }

  @Test func `a filter leaves groups out`() async throws {
    let view = BlockView()
    view.show(Self.blocks, now: 1)
    let answer = try await get("/", view, ["filter": #"cluster="b""#])
    let page = String(decoding: answer.body, as: UTF8.self)
    #expect(page.components("<section>") == 1)
  }

  @Test func `label values cannot write into the page`() async throws {
    let view = BlockView()
    view.show([Self.block(9, 0, 1, "<script>alert(1)</script>")], now: 1)
    let answer = try await get("/", view, ["filter": "\"><script>"])
    for page in [answer, try await get("/", view)] {
      #expect(!String(decoding: page.body, as: UTF8.self).contains("<script>"))
    }
  }

  @Test func `blocks of extreme times make a page`() {
    let view = BlockView()
    view.show([Self.block(1, .min, .max, "a"), Self.block(2, 0, 0, "a")], now: .max)
    #expect(BlocksPage(view.content, filter: "", label: "").html.contains("</html>"))
  }

  private static let blocks = [
    block(1, 0, 7_200_000, "a"), block(2, 7_200_000, 14_400_000, "a"),
    block(3, 3_600_000, 14_400_000, "a", isMarked: true), block(4, 0, 28_800_000, "b"),
  ]

  private static func block(
    _ number: Int64, _ minTime: Int64, _ maxTime: Int64, _ cluster: String, isMarked: Bool = false
  ) -> BlockView.Block {
    var thanos = ThanosMeta()
    thanos.labels = [.init(name: Array("cluster".utf8), value: Array(cluster.utf8))]
    return BlockView.Block(
      meta: BlockMeta(
        id: BlockID.make(now: number), minTime: minTime, maxTime: maxTime, thanos: thanos),
      isMarkedForDeletion: isMarked)
  }

  private func get(
    _ path: String, _ view: BlockView, _ query: [String: String] = [:]
  ) async throws -> AdminResponse {
    let routes = BlocksAPI.routes(loaded: { view.content }, all: { BlockView.Content() })
    let route = try #require(routes.first { $0.path == path })
    return await route.respond(AdminRequest(path: path, query: query))
  }
}

extension String {
  /// How often `text` occurs.
  fileprivate func components(_ text: String) -> Int {
    ranges(of: text).count
  }
}
